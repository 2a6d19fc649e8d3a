import { MillraceError } from '../../model/errors/millrace-error.js';
import { ProviderError } from '../../model/errors/provider-error.js';
import type { ModelEvent } from '../../model/model-event.js';
import { computeCost, type Price } from '../../provider/price.js';
import type { Registry } from '../../provider/registry.js';
import { missingKeyMessage } from '../../provider/verify-key.js';
import type { RouteCandidate } from '../../routing/route-decision.js';
import type { SecretRegistry } from '../../telemetry/secret-registry.js';
import type { Call, Handler } from '../call.js';
import { deferred } from '../deferred.js';
import { servedModelInfo } from '../served-model.js';
import { type AttemptLimits, createTimeGuard } from '../time-guard.js';
import { createMeter } from '../usage-meter.js';

const FIRST_EVENT_MS = 120_000;
const IDLE_MS = 120_000;
const TOTAL_MS = 600_000;

/** Calls the first candidate's provider. The innermost handler: there is no stage below it. */
export const dispatch =
  (registry: Registry, secrets: SecretRegistry): Handler =>
  (call) =>
    deferred(async () => {
      const candidate = call.candidates[0];
      if (candidate === undefined) {
        throw new MillraceError(
          'NO_PROVIDER',
          'The call has no candidate: a route stage must come before dispatch.',
        );
      }
      const { provider } = registry.get(candidate.provider) ?? {};
      if (provider === undefined) {
        throw new MillraceError(
          'UNKNOWN_PROVIDER',
          `The provider "${candidate.provider}" is not registered any more.`,
        );
      }
      const credential = await registry.credential(provider.id, call.signal);
      if (credential === undefined && provider.credential.required) {
        throw new ProviderError('MISSING_KEY', missingKeyMessage(provider), { provider: provider.id });
      }
      if (credential !== undefined) secrets.add(credential.apiKey);
      call.trace.attempt = candidate;

      const guard = createTimeGuard(limitsOf(call), call.signal, candidate);
      const delivery = call.operation === 'chat' ? 'whole' : 'incremental';
      const request = { ...call.request, model: candidate.model };
      const open = (): AsyncIterable<ModelEvent> =>
        provider.stream(request, { credential, signal: guard.signal, delivery });
      return attempt({ call, candidate, registry, secrets, guard, open });
    });

/** Time limits, with the defaults filled in. */
const limitsOf = ({ operation, timeLimits }: Call): AttemptLimits => ({
  firstEventMs: timeLimits.firstEventMs ?? (operation === 'chat' ? 0 : FIRST_EVENT_MS),
  idleMs: timeLimits.idleMs ?? IDLE_MS,
  totalMs: timeLimits.totalMs ?? TOTAL_MS,
});

interface Attempt {
  readonly call: Call;
  readonly candidate: RouteCandidate;
  readonly registry: Registry;
  readonly secrets: SecretRegistry;
  readonly guard: ReturnType<typeof createTimeGuard>;
  readonly open: () => AsyncIterable<ModelEvent>;
}

/** One try at one model: adds the route to the first event and the cost to the last, and makes every failure one of ours. */
const attempt = ({
  call,
  candidate,
  registry,
  secrets,
  guard,
  open,
}: Attempt): AsyncIterable<ModelEvent> => ({
  [Symbol.asyncIterator]() {
    const { provider, model, reason } = candidate;
    const meter = createMeter(call.request);
    let source: AsyncIterator<ModelEvent> | undefined;
    let served: string | undefined;
    let started = false;
    let finished = false;

    const price = (): Price | undefined => servedModelInfo(registry, provider, model, served)?.price;

    const begin = (): AsyncIterator<ModelEvent> => {
      call.trace.partial = () => computeCost(meter.partial(), price());
      return open()[Symbol.asyncIterator]();
    };

    const enrich = (event: ModelEvent): ModelEvent => {
      meter.add(event);
      switch (event.type) {
        case 'stream-start':
          started = true;
          return { ...event, callId: call.id, route: { provider, model, reason } };
        case 'response-metadata':
          served = event.modelId ?? served;
          return event;
        case 'finish': {
          finished = true;
          guard.release();
          call.trace.partial = undefined;
          const usage = meter.complete(event.usage);
          return { ...event, usage, cost: computeCost(usage, price()) };
        }
        default:
          return event;
      }
    };

    const failure = (error: unknown): MillraceError => {
      guard.release();
      const known = describeFailure(error, candidate, started, secrets);
      // A vendor charges for what it has worked on, also when the caller went away; a refused request is free.
      if (!started && known.code !== 'CANCELLED' && known.code !== 'TIMEOUT') call.trace.partial = undefined;
      return known;
    };

    return {
      async next() {
        try {
          source ??= begin();
          const result = await guard.pull(source);
          if (result.done !== true) return { done: false, value: enrich(result.value) };
        } catch (error) {
          throw failure(error);
        }
        if (!finished) throw failure(interrupted(candidate));
        return { done: true, value: undefined };
      },
      async return() {
        guard.release();
        source?.return?.().catch(() => undefined);
        return { done: true, value: undefined };
      },
    };
  },
});

const interrupted = (candidate: RouteCandidate): ProviderError =>
  new ProviderError(
    'INTERRUPTED',
    `${candidate.provider}:${candidate.model} broke off before the answer was finished.`,
    candidate,
  );

/** Every failure becomes one of ours, and no secret that we know of is left in it. */
const describeFailure = (
  error: unknown,
  candidate: RouteCandidate,
  started: boolean,
  secrets: SecretRegistry,
): MillraceError => {
  if (MillraceError.isInstance(error)) {
    const safe = secrets.redact(error.message);
    if (safe !== error.message) error.message = safe;
    return error;
  }
  const what = error instanceof Error ? `: ${secrets.redact(error.message).slice(0, 300)}` : '.';
  return new ProviderError(
    started ? 'INTERRUPTED' : 'NETWORK',
    `${candidate.provider}:${candidate.model} failed${what}`,
    candidate,
  );
};
