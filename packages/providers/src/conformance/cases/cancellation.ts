import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/core/model';
import { check, equal, inTime } from '../check.js';
import { begin, collect, DELIVERIES, failureOf } from '../harness.js';
import { type ProviderCase, played } from '../provider-case.js';
import { TEXT_ANSWER } from '../scene.js';

const REASON = new MillraceError('CANCELLED', 'The test cancelled the call.');

/** What a provider does when nobody wants the answer any more. */
export const CANCELLATION_CASES: readonly ProviderCase[] = [
  played('cancellation: before it began, nothing is sent', async (context) => {
    for (const delivery of DELIVERIES) {
      context.upstream.clear();
      const { error } = await failureOf(context, { delivery, signal: AbortSignal.abort(REASON) });
      equal(error.code, 'CANCELLED', 'The code');
      equal(context.upstream.journal.length, 0, 'The number of requests');
    }
  }),
  played('cancellation: while the vendor says nothing, the connection is closed', async (context) => {
    context.upstream.play({ answer: TEXT_ANSWER, fault: { type: 'stalled', after: 0 } });
    for (const delivery of DELIVERIES) {
      context.upstream.clear();
      const controller = new AbortController();
      const waiting = failureOf(context, { delivery, signal: controller.signal });
      for (let tries = 0; context.upstream.journal.length === 0 && tries < 200; tries++) await sleep(10);
      const [entry] = context.upstream.journal;
      check(entry !== undefined, 'The request did not reach the upstream.');
      controller.abort(REASON);
      equal((await waiting).error.code, 'CANCELLED', 'The code');
      await inTime(entry.left, 'The end of the connection', 2_000);
    }
  }),
  played('cancellation: in the middle, the connection is closed', async (context) => {
    const { length } = context.dialect.pieces(TEXT_ANSWER);
    context.upstream.play({
      answer: TEXT_ANSWER,
      fault: { type: 'stalled', after: Math.max(1, length - 1) },
    });
    context.upstream.clear();
    const controller = new AbortController();
    let begun = false;
    let error: unknown;
    const reading = (async () => {
      for await (const { type } of begin(context, { signal: controller.signal })) {
        if (type !== 'text-delta' || begun) continue;
        begun = true;
        controller.abort(REASON);
      }
    })().catch((cause: unknown) => {
      error = cause;
    });
    await inTime(reading, 'The end of the call');
    check(begun, 'No text came before the answer stalled.');
    check(MillraceError.isInstance(error) && error.code === 'CANCELLED', `The failure is ${String(error)}.`);
    const [entry] = context.upstream.journal;
    check(entry !== undefined, 'The request did not reach the upstream.');
    await inTime(entry.left, 'The end of the connection', 2_000);
  }),
  played('cancellation: leaving the loop closes the connection', async (context) => {
    const { length } = context.dialect.pieces(TEXT_ANSWER);
    context.upstream.play({
      answer: TEXT_ANSWER,
      fault: { type: 'stalled', after: Math.max(1, length - 1) },
    });
    context.upstream.clear();
    // The gateway aborts the signal too; a provider may rely on either.
    const controller = new AbortController();
    const reading = (async () => {
      for await (const { type } of begin(context, { signal: controller.signal }))
        if (type === 'text-delta') break;
      controller.abort(REASON);
    })();
    await inTime(reading, 'The end of the loop');
    const [entry] = context.upstream.journal;
    check(entry !== undefined, 'The request did not reach the upstream.');
    await inTime(entry.left, 'The end of the connection', 2_000);
  }),
  played('cancellation: after the end it changes nothing', async (context) => {
    context.upstream.play({ answer: TEXT_ANSWER });
    const controller = new AbortController();
    const { error } = await collect(context, { signal: controller.signal });
    equal(error, undefined, 'The failure');
    controller.abort(REASON);
    await sleep(10);
  }),
];
