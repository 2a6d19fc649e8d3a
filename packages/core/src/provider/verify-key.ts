import { MillraceError } from '../model/errors/millrace-error.js';
import type { Credential } from './credential-source.js';
import type { KeyVerification, Provider } from './provider.js';

const LIMIT_MS = 10_000;

/** The sentence for a key that is not there: what to set. Holds no key. */
export const missingKeyMessage = (provider: Provider): string => {
  const { environmentVariable } = provider.credential;
  const how =
    environmentVariable === undefined ? 'Pass it as `apiKey`' : `Set ${environmentVariable}, pass \`apiKey\``;
  return `${provider.label} needs a key and none is configured. ${how}, or give the gateway a credential source.`;
};

/** Prove a key, within 10 seconds. */
export const verifyKey = async (
  provider: Provider,
  credential: Credential | undefined,
  signal?: AbortSignal,
): Promise<KeyVerification> => {
  if (credential === undefined && provider.credential.required) {
    return { status: 'missing', message: missingKeyMessage(provider) };
  }
  if (provider.verify === undefined) {
    return { status: 'unreachable', message: `${provider.label} has no way to check a key.` };
  }
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    return await provider.verify({
      credential,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
  } catch (error) {
    if (signal?.aborted) {
      throw new MillraceError('CANCELLED', 'The verification was cancelled.', { cause: signal.reason });
    }
    const refused =
      MillraceError.isInstance(error) && ['AUTHENTICATION', 'PERMISSION_DENIED'].includes(error.code);
    const reason = MillraceError.isInstance(error) ? error.message : 'it did not answer in an expected way';
    return refused
      ? { status: 'invalid', message: `${provider.label} refused the key.` }
      : { status: 'unreachable', message: `${provider.label} could not be asked: ${reason}` };
  }
};
