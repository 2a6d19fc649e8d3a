import { type ErrorCode, MillraceError, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { ProviderContext } from '@millrace/core/provider';
import { redactSecrets } from '@millrace/core/telemetry';

type Extra = Pick<ModelRequest, 'headers' | 'model'>;

/** The vendor's API: sends, and says what went wrong. */
export interface Api {
  /** @throws ProviderError for a refusal or a failed connection. */
  send(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    context: ProviderContext,
    extra?: Extra,
  ): Promise<Response>;
  /** The same, with the answer read as JSON. */
  json(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    context: ProviderContext,
    extra?: Extra,
  ): Promise<unknown>;
  /** One of Millrace's errors of whatever failed on the way. */
  failure(error: unknown, context: ProviderContext, begun: boolean, model?: string): MillraceError;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'AUTHENTICATION',
  402: 'QUOTA_EXCEEDED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  422: 'BAD_REQUEST',
  429: 'RATE_LIMITED',
  503: 'OVERLOADED',
  504: 'TIMEOUT',
};

export const createApi = (provider: string, baseUrl: string): Api => {
  const failure: Api['failure'] = (error, { signal }, begun, model) => {
    if (signal.aborted && MillraceError.isInstance(signal.reason)) return signal.reason;
    if (signal.aborted)
      return new MillraceError('CANCELLED', 'The call was cancelled.', { cause: signal.reason });
    if (MillraceError.isInstance(error)) return error;
    return begun
      ? new ProviderError('INTERRUPTED', `${provider} broke off in the middle of its answer.`, {
          provider,
          model,
        })
      : new ProviderError('NETWORK', `${provider} could not be reached.`, { provider, model });
  };

  const refusal = async (
    response: Response,
    secret: string | undefined,
    model?: string,
  ): Promise<ProviderError> => {
    const { status, headers } = response;
    const text = (await response.text()).slice(0, 10_000);
    const said = redactSecrets(messageIn(text), secret === undefined ? [] : [secret]).slice(0, 300);
    const byStatus = CODES[status] ?? (status >= 500 ? 'SERVER_ERROR' : 'BAD_REQUEST');
    const code =
      byStatus === 'BAD_REQUEST' && /too (?:long|many tokens)|context/i.test(said)
        ? 'CONTEXT_LENGTH'
        : byStatus;
    const seconds = Number.parseFloat(headers.get('retry-after') ?? '');
    return new ProviderError(code, `${provider} answered ${status}: ${said}`, {
      provider,
      model,
      status,
      retryAfterMs: seconds >= 0 ? seconds * 1000 : undefined,
      requestId: headers.get('x-debug-trace-id') ?? undefined,
    });
  };

  const send: Api['send'] = async (method, path, body, context, extra) => {
    const { credential, signal } = context;
    try {
      signal.throwIfAborted();
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${credential?.apiKey ?? ''}`,
          'content-type': 'application/json',
          ...extra?.headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal,
      });
      if (!response.ok) throw await refusal(response, credential?.apiKey, extra?.model);
      if (response.headers.get('content-type')?.startsWith('text/html'))
        throw unreadable(provider, extra?.model);
      return response;
    } catch (error) {
      throw failure(error, context, false, extra?.model);
    }
  };

  return {
    send,
    async json(...request) {
      const response = await send(...request);
      const [, , , context, extra] = request;
      let text: string;
      try {
        text = await response.text();
      } catch (error) {
        throw failure(error, context, true, extra?.model);
      }
      try {
        return JSON.parse(text);
      } catch {
        throw unreadable(provider, extra?.model);
      }
    },
    failure,
  };
};

const unreadable = (provider: string, model: string | undefined): ProviderError =>
  new ProviderError(
    'INVALID_RESPONSE',
    `${provider} sent something that cannot be read; check the base URL.`,
    {
      provider,
      model,
    },
  );

const messageIn = (text: string): string => {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? 'no reason given');
  } catch {
    return 'no reason given';
  }
};
