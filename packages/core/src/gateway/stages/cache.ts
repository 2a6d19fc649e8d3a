import { type CacheEntry, isReusable } from '../../cache/cache-entry.js';
import { cacheKey } from '../../cache/cache-key.js';
import { type CacheOptions, scopeOf } from '../../cache/cache-options.js';
import type { CacheStore } from '../../cache/cache-store.js';
import { memoryCache } from '../../cache/memory-cache.js';
import { isPromise } from '../../internal/is-promise.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import type { EventIterator } from '../../model/event-iterator.js';
import type { ModelEvent } from '../../model/model-event.js';
import { within } from '../../provider/within.js';
import type { RouteCandidate } from '../../routing/route-decision.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Call, Handler, Stage } from '../call.js';
import { deferred } from '../deferred.js';
import { type Flight, freeFinish, startFlight, tokensOf } from '../flight.js';
import { createFlightTable, type FlightTable } from '../flight-table.js';

const TTL_MS = 60_000;
const WINDOW_MS = 5_000;
const STORE_TIMEOUT_MS = 1_000;

/** The cache stage, and what must be waited for at the end. */
export interface CacheParts {
  readonly stage: Stage;
  /** Resolves when every answer that is to be kept is kept. */
  flush(): Promise<void>;
}

interface Context {
  readonly options: CacheOptions;
  readonly store: CacheStore;
  readonly flights: FlightTable;
  readonly logger: Logger;
  readonly writing: Set<Promise<void>>;
}

/** Gives answers again: those that are kept, and those that are on their way. */
export const createCacheStage = (options: CacheOptions, logger: Logger): CacheParts => {
  const context: Context = {
    options,
    store: options.store ?? memoryCache(),
    flights: createFlightTable(options.duplicateWindowMs ?? WINDOW_MS),
    logger,
    writing: new Set(),
  };
  return {
    stage: (next) => (call) => (call.cache?.mode === 'no-cache' ? next(call) : cached(call, next, context)),
    async flush() {
      await Promise.all(context.writing);
    },
  };
};

const cached = (call: Call, next: Handler, context: Context): AsyncIterable<ModelEvent> => {
  const candidate = call.candidates[0];
  if (candidate === undefined) return next(call);
  const { provider, model } = candidate;
  const scope = scopeOf(context.options.scope, call.labels);
  return deferred(() => {
    const key = cacheKey({ provider, request: { ...call.request, model }, scope });
    // What cannot be written down cannot be found again.
    if (key === undefined) return next(call);
    const proceed = (found: string): Answer => lookUp({ call, candidate, key: found }, next, context);
    return isPromise(key) ? key.then(proceed) : proceed(key);
  });
};

type Answer = AsyncIterable<ModelEvent> | Promise<AsyncIterable<ModelEvent>>;

interface Keyed {
  readonly call: Call;
  readonly candidate: RouteCandidate;
  readonly key: string;
}

const lookUp = (keyed: Keyed, next: Handler, context: Context): Answer => {
  const { call, key } = keyed;
  if (call.cache?.mode === 'refresh') return fly(keyed, startFlight(call, next), context);
  const go = (entry: CacheEntry | undefined): AsyncIterable<ModelEvent> => {
    if (entry !== undefined && isFresh(entry, call, context)) return replay(keyed, entry);
    return share(keyed, next, context);
  };
  const failed = (error: unknown): AsyncIterable<ModelEvent> => {
    if (call.cancellation.reason !== undefined) throw call.cancellation.reason;
    context.logger.warn({ callId: call.id, error }, 'the cache could not be read');
    if (context.options.onStoreError === 'closed') throw storeFailure(error);
    return share(keyed, next, context);
  };
  try {
    const { signal } = call.cancellation;
    const found = context.store.get(key, { signal });
    if (!isPromise(found)) return go(found);
    const limit = context.options.storeTimeoutMs ?? STORE_TIMEOUT_MS;
    return within(limit, signal, async () => found).then(go, failed);
  } catch (error) {
    return failed(error);
  }
};

const isFresh = ({ storedAt }: CacheEntry, call: Call, { options }: Context): boolean =>
  Date.now() - storedAt < (call.cache?.ttlMs ?? options.ttlMs ?? TTL_MS);

const storeFailure = (cause: unknown): MillraceError =>
  MillraceError.isInstance(cause)
    ? cause
    : new MillraceError('STORAGE', 'The cache could not be read, and calls must not go on without it.', {
        cause,
      });

/** Join a call that asks the same, or begin one. */
const share = (keyed: Keyed, next: Handler, context: Context): AsyncIterable<ModelEvent> => {
  const { call, key } = keyed;
  if (context.options.joinDuplicates === false) return fly(keyed, startFlight(call, next), context);
  const running = context.flights.find(key);
  if (running !== undefined) return fly(keyed, running, context);
  const flight = startFlight(call, next);
  context.flights.add(key, flight);
  return fly(keyed, flight, context);
};

const fly = (
  { call, candidate, key }: Keyed,
  flight: Flight,
  context: Context,
): AsyncIterable<ModelEvent> => {
  if (call.cache?.mode !== 'no-store') {
    call.watch({
      end({ status }) {
        if (status === 'success' && context.flights.claim(flight))
          keep(key, flight, candidate, call, context);
      },
    });
  }
  return flight.join(call);
};

/** Keep an answer, in the background; a failure costs a later call its short cut and nothing else. */
const keep = (
  key: string,
  { events }: Flight,
  candidate: RouteCandidate,
  call: Call,
  context: Context,
): void => {
  if (!isReusable(events) || !isOf(events, candidate)) return;
  const { store, options, logger, writing } = context;
  const report = (error: unknown): void => logger.warn({ callId: call.id, error }, 'an answer was not kept');
  const ttlMs = call.cache?.ttlMs ?? options.ttlMs ?? TTL_MS;
  try {
    const done = store.set(key, { events, storedAt: Date.now() }, { ttlMs });
    if (!isPromise(done)) return;
    const written = Promise.resolve(done).catch(report);
    writing.add(written);
    void written.then(() => writing.delete(written));
  } catch (error) {
    report(error);
  }
};

/** The key names the model that was decided on; an answer of another one would be found under a wrong name. */
const isOf = ([first]: readonly ModelEvent[], { provider, model }: RouteCandidate): boolean =>
  first?.type === 'stream-start' && first.route?.provider === provider && first.route.model === model;

const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

const replay = ({ call, candidate }: Keyed, { events, storedAt }: CacheEntry): AsyncIterable<ModelEvent> => {
  const { provider, model, reason } = candidate;
  const age = Math.round((Date.now() - storedAt) / 1000);
  const route = { provider, model, reason: `${reason}; answered from the cache, kept ${age} s ago` };
  const last = events.at(-1);
  call.trace.attempt = { ...candidate, reason: route.reason };
  call.trace.cache = {
    status: 'hit',
    savedUsd: last?.type === 'finish' ? (last.cost?.costUsd ?? null) : null,
    tokensSaved: last?.type === 'finish' ? tokensOf(last) : 0,
  };
  call.trace.partial = undefined;
  const saved = call.trace.cache.tokensSaved;
  let index = 0;
  const nextReady = (): ModelEvent | undefined => {
    const event = events[index];
    if (event === undefined) return undefined;
    index += 1;
    if (event.type === 'stream-start')
      return { ...event, callId: call.id, route, cache: 'hit', tokensSaved: saved };
    return event.type === 'finish' ? freeFinish(event) : event;
  };
  return {
    [Symbol.asyncIterator]: (): EventIterator => ({
      nextReady,
      next() {
        const value = nextReady();
        return Promise.resolve(value === undefined ? DONE : { done: false, value });
      },
      async return() {
        index = events.length;
        return DONE;
      },
    }),
  };
};
