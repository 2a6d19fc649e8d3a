import type { Provider } from '@millrace/core/provider';
import type { Upstream } from './upstream.js';
import type { WireDialect } from './wire-dialect.js';

/** What a case works with. */
export interface CaseContext {
  readonly provider: Provider;
  /** The model to ask. */
  readonly model: string;
  /** The key that the provider is given. */
  readonly apiKey: string;
  /** Absent for a provider without an API behind it. */
  readonly upstream: Upstream | undefined;
  readonly dialect: WireDialect | undefined;
  /** A provider like this one, at an address where nobody listens. */
  readonly unreachable: () => Provider;
}

/** A case that plays an upstream. */
export interface PlayedContext extends CaseContext {
  readonly upstream: Upstream;
  readonly dialect: WireDialect;
}

/** One behaviour that every provider must have. */
export interface ProviderCase {
  /** Stable: it is the name under which a case is skipped. */
  readonly name: string;
  /** Why the case does not apply to a provider; `undefined` when it does. */
  leftOut?(context: CaseContext): string | undefined;
  /** @throws Error that says what the provider does otherwise. */
  run(context: CaseContext): Promise<void>;
}

/** A case that needs an upstream, and of its dialect what `needs` names. */
export const played = (
  name: string,
  run: (context: PlayedContext) => Promise<void>,
  needs?: keyof WireDialect['has'] | ((context: PlayedContext) => string | undefined),
): ProviderCase => ({
  name,
  leftOut(context) {
    const { upstream, dialect } = context;
    if (upstream === undefined || dialect === undefined) return 'it has no API behind it';
    if (typeof needs === 'function') return needs({ ...context, upstream, dialect });
    return needs !== undefined && !dialect.has[needs] ? `its API has no ${needs}` : undefined;
  },
  run: (context) => run(context as PlayedContext),
});
