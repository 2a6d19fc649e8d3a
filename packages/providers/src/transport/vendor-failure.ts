import { MillraceError, ProviderError } from '@millrace/core/model';
import type { Answer } from './exchange.js';
import { toProviderError } from './to-provider-error.js';
import { asObject } from './untrusted.js';

/** Whom a failure is about. */
export interface FailureContext {
  readonly provider: string;
  readonly model?: string | undefined;
  readonly secret?: string | undefined;
  readonly signal: AbortSignal;
}

/** An error body longer than this is not read on. */
const LONGEST_BODY = 64 * 1024;

/** Read a refused request's body and say what it means. */
export const refusedAnswer = async (answer: Answer, context: FailureContext): Promise<ProviderError> => {
  const text = (await answer.text()).slice(0, LONGEST_BODY);
  const { status, header } = answer;
  const location = header('location');
  if (status >= 300 && status < 400 && location !== null) {
    const error = { message: `It redirects to ${location.split('?')[0]}; set \`baseUrl\` to where it is.` };
    return toProviderError({ ...context, status, error, header });
  }
  return toProviderError({ ...context, status, error: errorOfBody(text), header });
};

/** The error of a body: OpenAI's `{ error }`, a bare object with a message, FastAPI's `{ detail }`, or no JSON at all. */
export const errorOfBody = (text: string): unknown => {
  try {
    const body = asObject<{ error?: unknown; message?: unknown; detail?: unknown }>(JSON.parse(text));
    const { error = body } = body;
    if (typeof error === 'object' && error !== null && 'message' in error) return error;
    if (typeof error === 'string') return { ...body, message: error };
    return { ...body, message: typeof body.detail === 'string' ? body.detail : undefined };
  } catch {
    return {
      message: /^\s*</.test(text) ? 'it sent a page of HTML, not an API error' : text.trim() || undefined,
    };
  }
};

/** What to check for each way in which a connection fails. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there; check the base URL and that the server is running.',
  ENOTFOUND: 'The host is not known; check the base URL and the network.',
  EAI_AGAIN: 'The name could not be looked up; check the network.',
  ECONNRESET: 'The connection was closed by the other side.',
  ETIMEDOUT: 'The connection timed out.',
  UND_ERR_CONNECT_TIMEOUT: 'The connection timed out.',
  UND_ERR_SOCKET: 'The connection was closed by the other side.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is self-signed.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
};

/**
 * What went wrong on the way: a cancellation, an error that is ours already, or a connection that failed.
 *
 * @param begun - Part of the answer has arrived, so that it is broken off rather than never begun.
 */
export const transportFailure = (error: unknown, context: FailureContext, begun: boolean): MillraceError => {
  const { provider, model, signal } = context;
  if (signal.aborted) {
    return MillraceError.isInstance(signal.reason)
      ? signal.reason
      : new MillraceError('CANCELLED', 'The call was cancelled.', { cause: signal.reason });
  }
  const known = chain(error).find((link) => MillraceError.isInstance(link));
  if (known !== undefined) return known as MillraceError;
  const code = chain(error)
    .map((link) => asObject<{ code?: unknown }>(link).code)
    .find((value): value is string => typeof value === 'string');
  const advice = (code === undefined ? undefined : ADVICE[code]) ?? 'The connection failed.';
  const where = model === undefined ? provider : `${provider}:${model}`;
  const options = { provider, model, details: { systemCode: code } };
  return begun
    ? new ProviderError('INTERRUPTED', `${where} broke off in the middle of its answer. ${advice}`, options)
    : new ProviderError('NETWORK', `${where} could not be reached. ${advice}`, options);
};

/** An error and what caused it; an SDK wraps what its `fetch` threw. */
const chain = (error: unknown): unknown[] => {
  const links: unknown[] = [];
  for (
    let link = error;
    link !== undefined && link !== null && links.length < 6;
    link = asObject<{ cause?: unknown }>(link).cause
  ) {
    links.push(link);
    if (link instanceof AggregateError) links.push(...link.errors);
  }
  return links;
};
