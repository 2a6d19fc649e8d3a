import type { ErrorCode } from '@millrace/core/model';
import { check, equal } from '../check.js';
import { DELIVERIES, type Delivery, failureOf } from '../harness.js';
import { type PlayedContext, type ProviderCase, played } from '../provider-case.js';
import { type SceneError, type SceneFault, TEXT_ANSWER } from '../scene.js';

/** Plays a fault and looks at the failure. */
const fails = async (
  context: PlayedContext,
  fault: SceneFault,
  codes: readonly ErrorCode[],
  deliveries: readonly Delivery[] = DELIVERIES,
) => {
  for (const delivery of deliveries) {
    context.upstream.play({ answer: TEXT_ANSWER, fault });
    context.upstream.clear();
    const { error, events } = await failureOf(context, { delivery });
    check(
      codes.includes(error.code),
      `${delivery}: the code is ${error.code}, and should be ${codes.join(' or ')}.`,
    );
    equal(
      context.upstream.journal.length,
      1,
      `${delivery}: the number of requests (the gateway repeats, not the provider)`,
    );
    if (delivery === 'incremental' && 'after' in fault && fault.after > 2) {
      const text = events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
      check('The Aare flows.'.startsWith(text), `What came before the failure is "${text}".`);
    }
  }
};

const REFUSALS: readonly (readonly [SceneError, readonly ErrorCode[], boolean])[] = [
  ['authentication', ['AUTHENTICATION'], false],
  ['permission', ['PERMISSION_DENIED'], false],
  ['not-found', ['NOT_FOUND'], false],
  ['context-length', ['CONTEXT_LENGTH'], false],
  ['server', ['SERVER_ERROR'], true],
  ['overloaded', ['OVERLOADED'], true],
];

/** Pieces before the last one: enough that the answer has begun. */
const middle = ({ dialect }: PlayedContext): number => {
  const { length } = dialect.pieces(TEXT_ANSWER);
  return Math.max(1, length - 2);
};

/** What a provider makes of failures. */
export const FAULT_CASES: readonly ProviderCase[] = [
  ...REFUSALS.map(([error, codes, retryable]) =>
    played(`faults: a refusal (${error}) has its code, once`, async (context) => {
      await fails(context, { type: 'refused', error }, codes);
      const { error: failure } = await failureOf(context);
      equal(failure.retryable, retryable, 'Whether it may be retried');
    }),
  ),
  played('faults: a rate limit says for how long', async (context) => {
    const fault = { type: 'refused', error: 'rate-limit', retryAfterSeconds: 7 } as const;
    await fails(context, fault, ['RATE_LIMITED']);
    const { error } = await failureOf(context);
    equal((error as { retryAfterMs?: number }).retryAfterMs, 7_000, 'The milliseconds to wait');
    equal(error.retryable, true, 'Whether it may be retried');
  }),
  played('faults: an address where nobody listens', async (context) => {
    for (const delivery of DELIVERIES) {
      const { error } = await failureOf(context, { delivery, provider: context.unreachable() });
      equal(error.code, 'NETWORK', 'The code');
      equal(error.retryable, true, 'Whether it may be retried');
    }
  }),
  played('faults: a connection that breaks before the first byte', async (context) => {
    await fails(context, { type: 'cut', after: 0 }, ['NETWORK'], ['incremental']);
    await fails(
      context,
      { type: 'cut', after: 0 },
      ['NETWORK', 'INTERRUPTED', 'INVALID_RESPONSE'],
      ['whole'],
    );
  }),
  played('faults: a connection that breaks in the middle is an interruption', async (context) => {
    await fails(context, { type: 'cut', after: middle(context) }, ['INTERRUPTED'], ['incremental']);
    await fails(
      context,
      { type: 'cut', after: 1 },
      ['INTERRUPTED', 'NETWORK', 'INVALID_RESPONSE'],
      ['whole'],
    );
  }),
  played(
    'faults: an answer that ends too early is an interruption, never a short answer',
    async (context) => {
      const { length } = context.dialect.pieces(TEXT_ANSWER);
      for (let after = 1; after < length - 1; after++) {
        const codes: ErrorCode[] = after < 3 ? ['INTERRUPTED', 'INVALID_RESPONSE'] : ['INTERRUPTED'];
        await fails(context, { type: 'truncated', after }, codes, ['incremental']);
      }
    },
  ),
  played('faults: nothing at all with status 200', async (context) => {
    await fails(
      context,
      { type: 'truncated', after: 0 },
      ['NETWORK', 'INTERRUPTED', 'INVALID_RESPONSE'],
      ['incremental'],
    );
  }),
  played('faults: something that nobody can read', async (context) => {
    await fails(context, { type: 'malformed', after: middle(context) }, ['INVALID_RESPONSE', 'INTERRUPTED']);
  }),
  played('faults: a page of HTML with status 200', async (context) => {
    await fails(context, { type: 'web-page' }, ['INVALID_RESPONSE', 'INTERRUPTED']);
  }),
  played(
    'faults: a failure inside an answer that began well',
    async (context) => {
      for (const [error, code] of [
        ['overloaded', 'OVERLOADED'],
        ['server', 'SERVER_ERROR'],
      ] as const) {
        for (const after of [0, middle(context)])
          await fails(context, { type: 'error-inside', after, error }, [code], ['incremental']);
      }
    },
    ({ dialect }) => (dialect.errorPiece === undefined ? 'its API has no errors inside a stream' : undefined),
  ),
];
