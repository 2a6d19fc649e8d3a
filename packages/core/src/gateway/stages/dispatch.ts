import { isPromise } from '../../internal/is-promise.js';
import type { Cost } from '../../model/cost.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { ProviderError } from '../../model/errors/provider-error.js';
import type { EventIterator } from '../../model/event-iterator.js';
import type { ModelEvent, ResponseMetadataEvent } from '../../model/model-event.js';
import type { Credential } from '../../provider/credential-source.js';
import { computeCost, type Price } from '../../provider/price.js';
import type { Provider } from '../../provider/provider.js';
import type { Registry } from '../../provider/registry.js';
import type { RouteCandidate } from '../../routing/route-decision.js';
import type { SecretRegistry } from '../../telemetry/secret-registry.js';
import type { Call, Handler } from '../call.js';
import { callableProvider, checkCredential } from '../callable-provider.js';
import { closeQuietly } from '../close-quietly.js';
import { deferred } from '../deferred.js';
import { isRefusedKey, MOST_KEYS } from '../key-failover.js';
import { servedModelInfo } from '../served-model.js';
import { type AttemptLimits, createTimeGuard } from '../time-guard.js';
import { createMeter } from '../usage-meter.js';

const FIRST_EVENT_MS = 120_000;
const IDLE_MS = 120_000;

/** Calls the first candidate's provider. The innermost handler: there is no stage below it. */
export const dispatch =
  (registry: Registry, secrets: SecretRegistry): Handler =>
  (call) =>
    deferred(() => {
      const candidate = call.candidates[0];
      if (candidate === undefined) {
        throw new MillraceError(
          'NO_PROVIDER',
          'The call has no candidate: a route stage must come before dispatch.',
        );
      }
      const provider = callableProvider(registry, candidate.provider);
      const guard = createTimeGuard(limitsOf(call, provider), call.cancellation, candidate);
      const proceed = (credential: Credential | undefined): AsyncIterable<ModelEvent> => {
        checkCredential(provider, credential);
        call.trace.attempt = candidate;
        const delivery = call.operation === 'chat' ? 'whole' : 'incremental';
        const request = { ...call.request, model: candidate.model };
        const open = (key: Credential | undefined): AsyncIterable<ModelEvent> => {
          if (key !== undefined) secrets.add(key.apiKey);
          return provider.stream(request, { credential: key, signal: guard.signal, delivery });
        };
        return attempt({ call, candidate, registry, secrets, guard, credential, open });
      };
      const begin = (): AsyncIterable<ModelEvent> | PromiseLike<AsyncIterable<ModelEvent>> => {
        const credential = registry.credential(provider.id, guard.signal);
        return isPromise(credential) ? credential.then(proceed) : proceed(credential);
      };
      const place = registry.acquire(provider.id, guard.signal);
      if (place === undefined) return begin();
      return place.then(async (giveBack) => {
        guard.onEnd(giveBack);
        try {
          return await begin();
        } catch (error) {
          guard.release();
          throw error;
        }
      });
    });

const limitsOf = ({ operation, timeLimits }: Call, provider: Provider): AttemptLimits => ({
  firstEventMs:
    timeLimits.firstEventMs ?? (operation === 'chat' ? 0 : (provider.firstEventMs ?? FIRST_EVENT_MS)),
  idleMs: timeLimits.idleMs ?? IDLE_MS,
});

interface Attempt {
  readonly call: Call;
  readonly candidate: RouteCandidate;
  readonly registry: Registry;
  readonly secrets: SecretRegistry;
  readonly guard: ReturnType<typeof createTimeGuard>;
  readonly credential: Credential | undefined;
  readonly open: (credential: Credential | undefined) => AsyncIterable<ModelEvent>;
}

/** One try at one model: adds the route to the first event and the cost to the last, and makes every failure one of ours. */
const attempt = ({
  call,
  candidate,
  registry,
  secrets,
  guard,
  credential,
  open,
}: Attempt): AsyncIterable<ModelEvent> => ({
  [Symbol.asyncIterator](): EventIterator {
    const { provider, model, reason, failover } = candidate;
    const meter = createMeter(call.request);
    let source: EventIterator | undefined;
    let served: string | undefined;
    let started = false;
    let finished = false;
    let key = credential;
    let keysTried = 1;

    const { compression } = call.trace;
    const saved = compression && compression.tokensBefore - compression.tokensAfter;

    const price = (): Price | undefined => servedModelInfo(registry, candidate, served)?.price;

    const begin = (): AsyncIterator<ModelEvent> => {
      const partial = (): Cost => computeCost(meter.partial(), price());
      call.trace.partial = partial;
      return open(key)[Symbol.asyncIterator]();
    };

    /** The next key, when it was the key that was refused and not the request. */
    const anotherKey = async (error: unknown): Promise<Credential | undefined> => {
      if (started || key === undefined || !isRefusedKey(error) || ++keysTried > MOST_KEYS) return undefined;
      return registry.replaceCredential(provider, key, error.code, guard.signal);
    };

    const enrich = (event: ModelEvent): ModelEvent => {
      meter.add(event);
      started = true;
      switch (event.type) {
        case 'stream-start':
          return {
            ...event,
            callId: call.id,
            route: { provider, model, reason, ...(failover && { failover }) },
            ...(saved !== undefined && { tokensSaved: saved }),
          };
        case 'response-metadata':
          served = event.modelId ?? served;
          return withoutSecrets(event, secrets);
        case 'finish': {
          finished = true;
          guard.release();
          const usage = meter.complete(event.usage);
          const cost = computeCost(usage, price());
          const whole = (): Cost => cost;
          call.trace.partial = whole;
          return { ...event, usage, cost };
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
      nextReady() {
        const event = finished ? undefined : source?.nextReady?.();
        return event === undefined ? undefined : enrich(event);
      },
      async next() {
        for (;;) {
          try {
            source ??= begin();
            if (finished) {
              await guard.drain(source);
              return { done: true, value: undefined };
            }
            const result = await guard.pull(source);
            if (result.done !== true) return { done: false, value: enrich(result.value) };
            throw interrupted(candidate);
          } catch (error) {
            const other = await anotherKey(error).catch((cause: unknown) => {
              throw failure(cause);
            });
            if (other === undefined) throw failure(error);
            key = other;
            source = undefined;
          }
        }
      },
      async return() {
        if (!finished) guard.abandon();
        closeQuietly(source);
        return { done: true, value: undefined };
      },
    };
  },
});

/** A vendor that echoes the key as a name must not bring it into the ledger; an ordinary name stays as it is. */
const withoutSecrets = (event: ResponseMetadataEvent, secrets: SecretRegistry): ResponseMetadataEvent => {
  const { id, modelId } = event;
  if (!secrets.holds(`${id} ${modelId}`)) return event;
  return { ...event, id: id && secrets.redact(id), modelId: modelId && secrets.redact(modelId) };
};

const interrupted = (candidate: RouteCandidate): ProviderError =>
  new ProviderError(
    'INTERRUPTED',
    `${candidate.provider}:${candidate.model} broke off before the answer was finished.`,
    candidate,
  );

/** Every failure becomes one of ours. Of a foreign one only the message is kept, without the secrets that we know of. */
const describeFailure = (
  error: unknown,
  candidate: RouteCandidate,
  started: boolean,
  secrets: SecretRegistry,
): MillraceError => {
  if (MillraceError.isInstance(error)) return error;
  const what = error instanceof Error ? `: ${secrets.redact(error.message).slice(0, 300)}` : '.';
  return new ProviderError(
    started ? 'INTERRUPTED' : 'NETWORK',
    `${candidate.provider}:${candidate.model} failed${what}`,
    candidate,
  );
};
