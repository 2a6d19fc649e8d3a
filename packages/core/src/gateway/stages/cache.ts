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
      // Judging an answer is followed by keeping it.
      while (context.writing.size > 0) await Promise.all(context.writing);
    },
  };
};

const cached = (call: Call, next: Handler, context: Context): AsyncIterable<ModelEvent> => {
  const candidate = call.candidates[0];
  if (candidate === undefined) return next(call);
  const { provider, model } = candidate;
  const scope = scopeOf(context.options.scope, call.labels);
  return deferred(() => {
    const { compression } = call;
    const key = cacheKey({ provider, request: { ...call.request, model }, scope, compression });
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
  if (call.cache?.mode === 'refresh') return begin(keyed, next, context);
  const go = (entry: CacheEntry | undefined): AsyncIterable<ModelEvent> => {
    // A store may hold what another version wrote, or what was cut off on the way.
    if (entry !== undefined && isFresh(entry, call, context) && isReusable(entry.events))
      return replay(keyed, entry);
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
  MillraceError.isInstance(cause) && cause.code === 'STORAGE'
    ? cause
    : new MillraceError('STORAGE', 'The cache could not be read, and calls must not go on without it.', {
        cause,
        retryable: true,
      });

/** Join a call that asks the same, or begin one. */
const share = (keyed: Keyed, next: Handler, context: Context): AsyncIterable<ModelEvent> => {
  if (context.options.joinDuplicates === false) return begin(keyed, next, context);
  const name = flightKey(keyed);
  const running = context.flights.find(name, keyed.call.cache?.ttlMs);
  return running === undefined ? begin(keyed, next, context, name) : fly(keyed, running, next, context);
};

/** Ask the vendor; who asks the same from now on may join. */
const begin = (keyed: Keyed, next: Handler, context: Context, name?: string): AsyncIterable<ModelEvent> => {
  const flight = startFlight(keyed.call, next);
  if (context.options.joinDuplicates !== false) context.flights.add(name ?? flightKey(keyed), flight);
  return fly(keyed, flight, next, context);
};

/**
 * What those who share a call have in common. Not only what they ask: nobody is to fail by the time limits of another, or
 * be answered by a model that only the other one would have gone on to.
 */
const flightKey = ({ call, key }: Keyed): string => {
  const { firstEventMs, idleMs } = call.timeLimits;
  const models = call.candidates.map(({ provider, model }) => [provider, model]);
  return JSON.stringify([key, firstEventMs, idleMs, call.retry, models]);
};

const fly = (keyed: Keyed, flight: Flight, next: Handler, context: Context): AsyncIterable<ModelEvent> => {
  const { call } = keyed;
  const { flights } = context;
  call.watch({
    end({ status, reply }) {
      if (status !== 'success') return;
      const save = (): void => {
        if (call.cache?.mode !== 'no-store' && flights.claim(flight)) keep(keyed, flight, context);
      };
      if (call.accepts === undefined || reply === undefined) return save();
      // Who asks again after an answer of no use is to be given another one.
      const judged = call.accepts(reply());
      inBackground(
        judged.then((accepted) => (accepted ? save() : flights.remove(flightKey(keyed), flight))),
        call,
        context,
      );
    },
  });
  return flight.join(call, () => share(keyed, next, context));
};

/** Keep an answer, in the background; a failure costs a later call its short cut and nothing else. */
const keep = ({ key, call, candidate }: Keyed, { events }: Flight, context: Context): void => {
  if (!isReusable(events) || !isOf(events, candidate)) return;
  const { store, options, logger } = context;
  // Stores count in whole milliseconds; to the fraction, the age is looked at when the answer is found.
  const ttlMs = Math.ceil(call.cache?.ttlMs ?? options.ttlMs ?? TTL_MS);
  try {
    const done = store.set(key, { events, storedAt: Date.now() }, { ttlMs });
    if (!isPromise(done)) return;
    const limit = options.storeTimeoutMs ?? STORE_TIMEOUT_MS;
    inBackground(
      within(limit, undefined, async () => done),
      call,
      context,
    );
  } catch (error) {
    logger.warn({ callId: call.id, error }, 'an answer was not kept');
  }
};

const inBackground = (work: Promise<void>, call: Call, { logger, writing }: Context): void => {
  const done = work.catch((error: unknown) =>
    logger.warn({ callId: call.id, error }, 'an answer was not kept'),
  );
  writing.add(done);
  void done.then(() => writing.delete(done));
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
