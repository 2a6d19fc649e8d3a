import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  scriptedProvider,
  served,
  start,
  textAnswer,
  textBlock,
} from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import { UNKNOWN_USAGE } from '../model/usage.js';
import type { BatchItem, BatchResult, BatchStatus } from '../provider/index.js';
import type { BatchAnswer } from './batches.js';
import { createGateway } from './create-gateway.js';

const CREATED = Date.UTC(2026, 10, 20);
const COUNTS = { total: 2, succeeded: undefined, failed: undefined };
const running: BatchStatus = {
  id: 'b/1',
  state: 'running',
  rawState: 'in_progress',
  counts: COUNTS,
  createdAt: CREATED,
};
const ended: BatchStatus = { ...running, state: 'ended', rawState: 'completed' };

/** A vendor whose batch ends after so many looks at it. */
const setUp = ({
  results = [],
  looks = 0,
  submit,
}: {
  readonly results?: readonly BatchResult[];
  readonly looks?: number;
  readonly submit?: () => Promise<BatchStatus>;
} = {}) => {
  const submitted: (readonly BatchItem[])[] = [];
  let looked = 0;
  let open = 0;
  const provider = scriptedProvider(play(textAnswer('x')), {
    batch: {
      priceFactor: 0.5,
      async submit(items) {
        submitted.push(items);
        return submit === undefined ? running : submit();
      },
      status: async () => (looked++ < looks ? running : ended),
      async *results(id) {
        expect(id).toBe('b/1');
        open += 1;
        try {
          yield* results;
        } finally {
          open -= 1;
        }
      },
      cancel: async () => ({ ...running, state: 'cancelling' }),
    },
  });
  const gateway = createGateway({ providers: [provider], retry: { minDelayMs: 1 } });
  return { gateway, submitted, looked: () => looked, open: () => open };
};
const REQUESTS = [
  { id: 'one', prompt: 'Hi' },
  { id: 'two', system: 'Be brief.', prompt: 'Hello', maxOutputTokens: 5 },
];
const ok = (id: string, usage = finish()): BatchResult => ({
  id,
  model: 'one',
  events: [start, served('one'), ...textBlock('ok'), usage],
});
const collected = async (answers: AsyncIterable<BatchAnswer>): Promise<BatchAnswer[]> => {
  const all: BatchAnswer[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
};

test('a batch is submitted, waited for and collected at the batch price', async () => {
  const refused = new ProviderError('CONTENT_FILTER', 'No.', { provider: 'scripted' });
  const { gateway, submitted, looked } = setUp({
    results: [ok('two'), { id: 'one', error: refused }],
    looks: 2,
  });
  const job = await gateway.batches.submit({ model: 'scripted:one', requests: REQUESTS });
  expect(job).toMatchObject({ id: 'scripted:b/1', provider: 'scripted', state: 'running', priceFactor: 0.5 });
  expect(submitted[0]).toMatchObject([
    { id: 'one', request: { model: 'one', messages: [{ role: 'user' }] } },
    {
      id: 'two',
      request: { model: 'one', messages: [{ role: 'system' }, { role: 'user' }], maxOutputTokens: 5 },
    },
  ]);
  expect(await gateway.batches.wait(job.id, { pollMs: 1 })).toMatchObject({ state: 'ended' });
  expect(looked()).toBe(3);
  const answers = await collected(gateway.batches.collect(job.id, { project: 'atlas' }));
  expect(answers).toMatchObject([
    {
      id: 'two',
      reply: { text: 'ok', cost: { costUsd: 0.001, tokensIn: 1_000 }, route: { provider: 'scripted' } },
    },
    { id: 'one', error: { code: 'CONTENT_FILTER' } },
  ]);
  const records = await recordsOf(gateway);
  expect(records).toHaveLength(2);
  expect(records).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        status: 'success',
        costUsd: 0.001,
        model: 'one',
        servedModel: 'one',
        finishReason: 'stop',
      }),
      expect.objectContaining({ status: 'error', errorCode: 'CONTENT_FILTER', costUsd: 0 }),
    ]),
  );
  for (const record of records)
    expect(record).toMatchObject({
      operation: 'batch',
      groupId: job.id,
      startedAt: CREATED,
      project: 'atlas',
      latencyMs: null,
    });
});

test('collecting again changes nothing, also in another process', async () => {
  const { gateway } = setUp({ results: [ok('one'), ok('two')] });
  await collected(gateway.batches.collect('scripted:b/1'));
  const before = await recordsOf(gateway);
  await collected(gateway.batches.collect('scripted:b/1'));
  expect(await recordsOf(gateway)).toEqual(before);
  expect(await gateway.ledger.summarize()).toMatchObject([{ calls: 2, costUsd: 0.002, averageLatencyMs: 0 }]);
});

test('usage that the vendor leaves out is estimated, and a broken answer is an error', async () => {
  const { gateway } = setUp({
    results: [ok('one', finish(UNKNOWN_USAGE)), { id: 'two', model: 'one', events: [start] }],
  });
  expect(await collected(gateway.batches.collect('scripted:b/1'))).toMatchObject([
    { reply: { cost: { estimated: true } } },
    { error: { code: 'INTERRUPTED' } },
  ]);
});

test('a batch that has not ended has nothing to collect', async () => {
  const { gateway } = setUp({ looks: 1 });
  const failure = await failureOf(() => collected(gateway.batches.collect('scripted:b/1')));
  expect(failure).toMatchObject({ code: 'CONFLICT', details: { state: 'running' } });
});

test('who leaves early lets go of what is being read', async () => {
  const { gateway, open } = setUp({ results: [ok('one'), ok('two')] });
  for await (const _answer of gateway.batches.collect('scripted:b/1')) break;
  expect(open()).toBe(0);
  expect(await recordsOf(gateway)).toHaveLength(1);
});

test('a batch is never submitted twice, a look at it is repeated', async () => {
  const overloaded = new ProviderError('OVERLOADED', 'Too busy.', { provider: 'scripted' });
  const { gateway, submitted } = setUp({
    submit: async () => {
      throw overloaded;
    },
  });
  expect(await failureOf(() => gateway.batches.submit({ requests: REQUESTS }))).toBe(overloaded);
  expect(submitted).toHaveLength(1);
});

describe('the wait', () => {
  test('ends when the time is over, when the caller cancels, and when the gateway is closed', async () => {
    const { gateway } = setUp({ looks: Number.POSITIVE_INFINITY });
    const { batches } = gateway;
    const wait = (options: object) =>
      failureOf(() => batches.wait('scripted:b/1', { pollMs: 10_000, ...options }));
    expect(await wait({ timeoutMs: 5 })).toMatchObject({ code: 'TIMEOUT' });
    const caller = new AbortController();
    const waiting = wait({ signal: caller.signal });
    caller.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELLED' });
    const closed = wait({});
    await gateway.close();
    expect(await closed).toMatchObject({ code: 'CANCELLED' });
    expect(await wait({})).toBeInstanceOf(MillraceError);
  });
});

test('cancelling is passed on', async () => {
  expect(await setUp().gateway.batches.cancel('scripted:b/1')).toMatchObject({
    id: 'scripted:b/1',
    state: 'cancelling',
  });
});

test.each([
  ['no requests', { requests: [] }],
  ['an id that is none', { requests: [{ id: 'a b', prompt: 'x' }] }],
  [
    'two of one id',
    {
      requests: [
        { id: 'a', prompt: 'x' },
        { id: 'a', prompt: 'y' },
      ],
    },
  ],
  ['a request without a prompt', { requests: [{ id: 'a' }] }],
])('%s: nothing is submitted', async (_what, request) => {
  const { gateway, submitted } = setUp();
  expect(await failureOf(() => gateway.batches.submit(request))).toMatchObject({ code: 'BAD_REQUEST' });
  expect(submitted).toEqual([]);
});

test('a provider without a batch API is refused, and the others are named', async () => {
  const plain = scriptedProvider(play(textAnswer('x')), { id: 'plain' });
  const able = setUp().gateway.registry.get('scripted')?.provider;
  const gateway = createGateway({ providers: [plain, ...(able === undefined ? [] : [able])] });
  const failure = await failureOf(() => gateway.batches.submit({ model: 'plain:one', requests: REQUESTS }));
  expect(failure).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('scripted') });
  // With `auto` the first candidate that has one gets it.
  expect(await gateway.batches.submit({ requests: REQUESTS })).toMatchObject({ provider: 'scripted' });
});

test.each(['', 'scripted', 'scripted:', 'nobody:b'])('%j is no id of a batch', async (id) => {
  const { batches } = setUp().gateway;
  expect(await failureOf(() => batches.status(id))).toMatchObject({ code: 'BAD_REQUEST' });
});
