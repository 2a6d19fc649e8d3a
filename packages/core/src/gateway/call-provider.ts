import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { Provider } from '../provider/provider.js';
import type { ProviderContext } from '../provider/provider-context.js';
import type { Registry } from '../provider/registry.js';
import { within } from '../provider/within.js';
import { redactError } from '../telemetry/redact-error.js';
import type { SecretRegistry } from '../telemetry/secret-registry.js';
import { callableProvider, checkCredential } from './callable-provider.js';
import { gatewayClosed } from './gateway-closed.js';
import { isRefusedKey, MOST_KEYS } from './key-failover.js';
import { type FailedAttempt, mayPass, type RetryPolicy, retryAfter } from './retry-policy.js';

/** A request to a provider whose answer comes in one piece. */
export interface ProviderCall<Value> {
  readonly provider: string;
  readonly signal: AbortSignal | undefined;
  /** For all attempts together, in milliseconds. */
  readonly limitMs: number;
  readonly retry: RetryPolicy;
  readonly onRetry?: ((failed: FailedAttempt) => void) | undefined;
  readonly run: (provider: Provider, context: ProviderContext) => Promise<Value>;
}

/** Makes such requests. */
export type CallProvider = <Value>(call: ProviderCall<Value>) => Promise<Value>;

/**
 * Calls a provider with all that a model call has too: the limits of the provider, the key of the moment and the next
 * one when it is refused, retries, a time limit, cancellation, and errors without secrets.
 */
export const createCallProvider =
  (registry: Registry, secrets: SecretRegistry, closing: AbortSignal): CallProvider =>
  async <Value>(call: ProviderCall<Value>): Promise<Value> => {
    if (closing.aborted) throw gatewayClosed();
    const begun = performance.now();

    const withKeys = async (provider: Provider, signal: AbortSignal): Promise<Value> => {
      let credential = await registry.credential(provider.id, signal);
      checkCredential(provider, credential);
      for (let tried = 1; ; tried++) {
        try {
          if (credential !== undefined) secrets.add(credential.apiKey);
          return await call.run(provider, { credential, signal });
        } catch (error) {
          if (credential === undefined || !isRefusedKey(error) || tried === MOST_KEYS) throw error;
          const other = await registry.replaceCredential(provider.id, credential, error.code, signal);
          if (other === undefined) throw error;
          credential = other;
        }
      }
    };

    const attempt = async (signal: AbortSignal): Promise<Value> => {
      const provider = callableProvider(registry, call.provider);
      const giveBack = await registry.acquire(provider.id, signal);
      try {
        return await withKeys(provider, signal);
      } finally {
        giveBack?.();
      }
    };

    try {
      return await within(call.limitMs, withClosing(call.signal, closing), (signal) =>
        attempt(signal).catch((failure: unknown) => {
          if (!mayPass(failure)) throw failure;
          return retryAfter(failure, () => attempt(signal), {
            policy: call.retry,
            signal,
            timeLeft: () => call.limitMs - (performance.now() - begun),
            onRetry: (failed) => call.onRetry?.(failed),
          });
        }),
      );
    } catch (error) {
      throw redactError(asOurs(error, call.provider, secrets), secrets.redact);
    }
  };

/** The caller's signal, and the end of the gateway. */
export const withClosing = (signal: AbortSignal | undefined, closing: AbortSignal): AbortSignal =>
  signal === undefined ? closing : AbortSignal.any([signal, closing]);

/** Of a foreign error only the message is kept. */
const asOurs = (error: unknown, provider: string, secrets: SecretRegistry): MillraceError => {
  if (MillraceError.isInstance(error)) return error;
  const what = error instanceof Error ? `: ${secrets.redact(error.message).slice(0, 300)}` : '.';
  return new ProviderError('NETWORK', `${provider} failed${what}`, { provider });
};
