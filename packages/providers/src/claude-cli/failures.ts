import { ConfigError, MillraceError, ProviderError } from '@millrace/core/model';
import { redactSecrets } from '@millrace/core/telemetry';
import { asCount, asList, asObject, asText, toProviderError } from '../transport/index.js';
import type { ChildExit } from './start-child.js';
import type { WireResult } from './wire.js';

/** Whom a failure is about, and what must not be shown of it. */
export interface CliFailureContext {
  readonly provider: string;
  readonly model?: string | undefined;
  readonly command: string;
  readonly workingDirectory?: string | undefined;
  readonly secrets: readonly string[];
}

const LONGEST_TEXT = 300;

const nameOf = ({ provider, model }: CliFailureContext): string =>
  model === undefined ? provider : `${provider}:${model}`;

/** The program could not be started. */
export const startFailure = (
  error: unknown,
  context: CliFailureContext,
  folderExists: boolean,
): MillraceError => {
  const { provider, command, workingDirectory } = context;
  const { code } = asObject<{ code?: unknown }>(error);
  if (code === 'ENOENT' && !folderExists) {
    const message = `${provider}: the working directory "${workingDirectory}" does not exist. Create it, or change \`workingDirectory\`.`;
    return new ConfigError(message, { key: 'workingDirectory' });
  }
  if (code === 'ENOENT') {
    const message = `${provider}: the program "${command}" is not installed or not on the PATH. Run: npm install -g @anthropic-ai/claude-code, or set \`command\` to where it is.`;
    return new MillraceError('MISSING_PACKAGE', message, { details: { provider, command } });
  }
  if (code === 'E2BIG')
    return new MillraceError('REQUEST_TOO_LARGE', `${provider}: the schema is longer than the system takes.`);
  const message = `${provider}: "${command}" could not be started (${asText(code) ?? 'unknown reason'}). Check that it is a program that you may run.`;
  return new ConfigError(message, { key: 'command' });
};

/** The program ended without a result. */
export const exitFailure = (
  { code, signal }: ChildExit,
  stderr: string,
  context: CliFailureContext,
  begun: boolean,
): ProviderError => {
  const { provider, model, secrets } = context;
  const said = redactSecrets(stderr, secrets).trim().replace(/\s+/g, ' ').slice(-LONGEST_TEXT);
  const because = said === '' ? '' : ` It said: ${said}`;
  const failure = { provider, model, details: { exitCode: code, signal } };
  const name = nameOf(context);
  if (signal !== null)
    return new ProviderError('INTERRUPTED', `${name} was ended by the signal ${signal}.${because}`, failure);
  if (code === 0) {
    const message = `${name} ended before it was done, without saying why.${because}`;
    return new ProviderError('INTERRUPTED', message, failure);
  }
  if (/unknown option/i.test(stderr)) {
    const message = `${name} does not know a setting that is needed. Run \`claude update\`.${because}`;
    return new ProviderError('BAD_REQUEST', message, failure);
  }
  return new ProviderError(
    begun ? 'INTERRUPTED' : 'SERVER_ERROR',
    `${name} ended with code ${code}.${because}`,
    // A program that fails at its start fails the same way again.
    { ...failure, retryable: begun },
  );
};

/** The program printed something that is not of its protocol. */
export const invalidOutput = (what: string, { provider, model, ...rest }: CliFailureContext): ProviderError =>
  new ProviderError('INVALID_RESPONSE', `${nameOf({ provider, model, ...rest })} ${what}`, {
    provider,
    model,
  });

/**
 * A result that is an error.
 *
 * @param kind - What the program called the failed request.
 */
export const resultFailure = (
  result: WireResult,
  kind: string | undefined,
  context: CliFailureContext,
): ProviderError => {
  const { provider, model, secrets } = context;
  const subtype = asText(result.subtype) ?? '';
  const listed = asList(result.errors).filter((one) => typeof one === 'string');
  const said = asText(result.result) ?? (listed.join(' ') || subtype);
  const clean = redactSecrets(said, secrets).replace(/^API Error: (?:\d{3} )?/, '');
  const failure = { provider, model, details: { subtype } };
  if (subtype === 'error_max_structured_output_retries') {
    const message = `${nameOf(context)} gave no answer that fits the schema. ${clean.slice(0, LONGEST_TEXT)}`;
    return new ProviderError('INVALID_OUTPUT', message, failure);
  }
  const type = [asText(result.api_error_type), kind].find((name) => name !== undefined && name !== 'unknown');
  const status = asCount(result.api_error_status);
  if (status === undefined && /connect(?:ion)? |ECONN|ENOTFOUND|network/i.test(clean)) {
    const message = `${nameOf(context)} could not be reached: ${clean.slice(0, LONGEST_TEXT)}`;
    return new ProviderError('NETWORK', message, failure);
  }
  const isLogin = /not logged in|run \/login/i.test(clean);
  const message = isLogin
    ? `${clean.slice(0, LONGEST_TEXT)}. Run \`claude\` once and sign in, or configure a key.`
    : clean.slice(0, LONGEST_TEXT);
  return toProviderError({ provider, model, status, error: { message, type }, header: () => null });
};
