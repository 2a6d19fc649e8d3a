import { MillraceError } from '../model/errors/millrace-error.js';
import type { Registry } from '../provider/registry.js';
import { missingKeyMessage } from '../provider/verify-key.js';
import type { RejectedModel } from './rejected-model.js';

/** The providers that can be called now. */
export interface ReadyProviders {
  /** Id to priority. */
  readonly ready: ReadonlyMap<string, number>;
  readonly excluded: readonly RejectedModel[];
  /** Only simulated ones are ready. */
  readonly simulated: boolean;
}

/**
 * Providers that are switched on and have the key that they need. A simulated one counts only when no real one is ready.
 *
 * @param only - Ask for this one alone: of no other it is even found out whether it has a key.
 */
export const readyProviders = async (
  registry: Registry,
  { only, signal }: { readonly only?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<ReadyProviders> => {
  const excluded: RejectedModel[] = [];
  const real = new Map<string, number>();
  const simulated = new Map<string, number>();
  // All are asked at once: a slow source of keys is waited for only once, and the registry cannot change in between.
  const answers = registry.list().map(async (registered) => {
    const { id } = registered.provider;
    if (only !== undefined && id !== only) return { ...registered, isReady: undefined };
    return { ...registered, isReady: await registry.isReady(id, signal) };
  });
  for (const { provider, priority, enabled, isReady } of await Promise.all(answers)) {
    const { id } = provider;
    if (isReady === undefined) excluded.push({ provider: id, kind: 'lock', reason: `held to ${only}` });
    else if (isReady) (provider.simulated === true ? simulated : real).set(id, priority);
    else if (enabled) excluded.push({ provider: id, kind: 'no-key', reason: 'it has no key' });
    else excluded.push({ provider: id, kind: 'disabled', reason: 'it is switched off' });
  }
  if (real.size === 0) return { ready: simulated, excluded, simulated: simulated.size > 0 };
  for (const provider of simulated.keys())
    excluded.push({ provider, kind: 'policy', reason: 'it is simulated, and a real provider is ready' });
  return { ready: real, excluded, simulated: false };
};

/** No provider can be called, and what to do about it. */
export const noProvider = (registry: Registry): MillraceError => {
  const reasons = registry
    .list()
    .map(({ provider, enabled }) =>
      enabled ? missingKeyMessage(provider) : `${provider.label} is switched off.`,
    );
  const what =
    reasons.length > 0 ? reasons.join(' ') : 'None is registered: pass `providers` to the gateway.';
  return new MillraceError('NO_PROVIDER', `No provider is ready. ${what}`);
};
