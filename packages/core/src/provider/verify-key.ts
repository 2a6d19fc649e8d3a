import { MillraceError } from '../model/errors/millrace-error.js';
import { redactSecrets } from '../telemetry/redact.js';
import type { Credential } from './credential-source.js';
import type { KeyVerification, Provider } from './provider.js';
import { within } from './within.js';

const LIMIT_MS = 10_000;

/** The sentence for a key that is not there: what to set. Holds no key. */
export const missingKeyMessage = (provider: Provider): string => {
  const { environmentVariable } = provider.credential;
  const how =
    environmentVariable === undefined ? 'Pass it as `apiKey`' : `Set ${environmentVariable}, pass \`apiKey\``;
  return `${provider.label} needs a key and none is configured. ${how}, or give the gateway a credential source.`;
};

/**
 * Prove a key, within 10 seconds.
 *
 * @throws MillraceError `CANCELLED` when the caller cancels; every other failure is a status.
 */
export const verifyKey = async (
  provider: Provider,
  getCredential: (signal: AbortSignal) => Credential | undefined | PromiseLike<Credential | undefined>,
  caller?: AbortSignal,
): Promise<KeyVerification> => {
  let credential: Credential | undefined;
  const verify = async (signal: AbortSignal): Promise<KeyVerification> => {
    credential = await getCredential(signal);
    if (credential === undefined && provider.credential.required) {
      return { status: 'missing', message: missingKeyMessage(provider) };
    }
    if (provider.verify === undefined) {
      return { status: 'unreachable', message: `${provider.label} has no way to check a key.` };
    }
    return provider.verify({ credential, signal });
  };
  const safe = ({ status, message }: KeyVerification): KeyVerification => ({
    status,
    message: redactSecrets(message, credential === undefined ? [] : [credential.apiKey]),
  });
  try {
    return safe(await within(LIMIT_MS, caller, verify));
  } catch (error) {
    if (caller?.aborted) throw error;
    return safe(describeFailure(provider, error));
  }
};

const describeFailure = (provider: Provider, error: unknown): KeyVerification => {
  if (!MillraceError.isInstance(error)) {
    return {
      status: 'unreachable',
      message: `${provider.label} could not be asked: it did not answer in an expected way.`,
    };
  }
  return error.code === 'AUTHENTICATION' || error.code === 'PERMISSION_DENIED'
    ? { status: 'invalid', message: `${provider.label} refused the key.` }
    : { status: 'unreachable', message: `${provider.label} could not be asked: ${error.message}` };
};
