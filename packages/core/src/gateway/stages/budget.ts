import { worstCase } from '../../budget/worst-case.js';
import type { EventIterator } from '../../model/event-iterator.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { Registry } from '../../provider/registry.js';
import type { Call, Handler, Stage } from '../call.js';
import { deferred } from '../deferred.js';
import type { Spender, SpendingHold } from '../spend.js';
import { totalLimit } from '../total-limit.js';

/** Money stays set aside this long after the call must have ended, in milliseconds. */
const GRACE_MS = 60_000;
/** For a call without a time limit. */
const LONGEST_LEASE_MS = 24 * 60 * 60 * 1000;

/**
 * Asks the budgets before each attempt and tells them what it cost. It stands below everything that repeats or
 * redirects a call, so that every hop is asked for anew.
 */
export const budgetStage = (spender: Spender, registry: Registry): Stage => {
  const attempts = new WeakMap<object, number>();
  return (next) => (call) => {
    const candidate = call.candidates[0];
    if (candidate === undefined) return next(call);
    const { provider, model, info } = candidate;
    return deferred(() => {
      const attempt = (attempts.get(call.trace) ?? 0) + 1;
      attempts.set(call.trace, attempt);
      const held = spender.reserve({
        id: call.id,
        labels: call.labels,
        worst: worstCase(call.request, info, {
          outputLimit: registry.get(provider)?.provider.outputLimit?.({ ...call.request, model }),
        }),
        whom: `${provider}:${model}`,
        leaseId: budgetLease(call.id, attempt),
        leaseMs: leaseMsOf(totalLimit(call.timeLimits)),
        signal: call.cancellation.signal,
      });
      if (held === undefined) return next(call);
      return held.then((hold) => (hold === undefined ? next(call) : settled(call, hold, next)));
    });
  };
};

/** What the money of an attempt is set aside under. */
export const budgetLease = (callId: string, attempt: number): string => `${callId} ${attempt}`;

/** How long the money of a call is set aside that may take so long, in milliseconds. */
export const leaseMsOf = (limitMs: number): number =>
  Number.isFinite(limitMs) ? Math.ceil(limitMs) + GRACE_MS : LONGEST_LEASE_MS;

/** The events of an attempt; at its end, whatever that is, the money is settled. */
const settled = (call: Call, hold: SpendingHold, next: Handler): AsyncIterable<ModelEvent> => {
  call.trace.budgetLeftUsd = hold.leftUsd;
  return {
    [Symbol.asyncIterator](): EventIterator {
      let source: EventIterator | undefined;
      let ended = false;
      /** What was used so far, or the vendor's own figures: the same as the ledger has. */
      const end = (): void => {
        if (ended) return;
        ended = true;
        const cost = call.trace.partial?.();
        if (cost === undefined) hold.release();
        else hold.settle(cost.costUsd);
      };
      const seen = (event: ModelEvent): ModelEvent => {
        if (event.type === 'finish') end();
        return event;
      };
      return {
        nextReady() {
          try {
            const event = source?.nextReady?.();
            return event === undefined ? undefined : seen(event);
          } catch (error) {
            end();
            throw error;
          }
        },
        async next() {
          try {
            source ??= next(call)[Symbol.asyncIterator]();
            const result = await source.next();
            if (result.done === true) end();
            else seen(result.value);
            return result;
          } catch (error) {
            end();
            throw error;
          }
        },
        async return() {
          try {
            await source?.return?.();
          } finally {
            end();
          }
          return { done: true, value: undefined };
        },
      };
    },
  };
};
