import { MillraceError, type ModelEvent, UNKNOWN_USAGE } from '@millrace/core/model';
import type { Provider } from '@millrace/core/provider';
import { describe, expect, test } from 'vitest';
import { openaiCompatible } from '../openai-compatible/index.js';
import {
  type CaseResult,
  openaiChatDialect,
  PROVIDER_CASES,
  type ProviderUnderTest,
  runProviderCase,
  runProviderCases,
} from './index.js';

type Stream = Provider['stream'];
type Mutate = (provider: Provider, options: { readonly apiKey: string }) => Partial<Provider>;

const good = (options: { readonly baseUrl: string; readonly apiKey: string }): Provider =>
  openaiCompatible({ id: 'mutant', ...options });

/** Names of the cases that a provider fails which is good but for one thing. */
const failedBy = async (mutate: Mutate, only: readonly string[] | undefined): Promise<string[]> => {
  const subject: ProviderUnderTest = {
    dialect: openaiChatDialect,
    create(options) {
      const provider = good(options);
      return { ...provider, ...mutate(provider, options) };
    },
  };
  const results: CaseResult[] = [];
  for (const one of PROVIDER_CASES)
    if (only === undefined || only.includes(one.name)) results.push(await runProviderCase(one, subject));
  return results.flatMap(({ name, outcome }) => (outcome === 'failed' ? [name] : []));
};

/** The events, each changed, left out or multiplied. */
const mapped =
  (change: (event: ModelEvent) => readonly ModelEvent[]): Mutate =>
  ({ stream }) => ({
    async *stream(...args) {
      for await (const event of stream(...args)) yield* change(event);
    },
  });

const FINISH: ModelEvent = { type: 'finish', finishReason: 'stop', usage: UNKNOWN_USAGE };

interface Mutant {
  readonly mutate: Mutate;
  readonly fails: readonly string[];
  /** Run only the cases that must fail: others would wait long for what does not come. */
  readonly slow?: true;
}

const MUTANTS: Readonly<Record<string, Mutant>> = {
  'takes a broken answer for a whole one': {
    mutate: ({ stream }) => ({
      async *stream(...args) {
        try {
          yield* stream(...args);
        } catch (error) {
          if (!MillraceError.isInstance(error) || error.code !== 'INTERRUPTED') throw error;
          yield FINISH;
        }
      },
    }),
    fails: [
      'faults: a connection that breaks in the middle is an interruption',
      'faults: an answer that ends too early is an interruption, never a short answer',
    ],
  },
  'ends without finish': {
    mutate: mapped((event) => (event.type === 'finish' ? [] : [event])),
    fails: ['answers: text, with its usage and the model that answered'],
  },
  'begins twice': {
    mutate: mapped((event) => (event.type === 'stream-start' ? [event, event] : [event])),
    fails: ['answers: text, with its usage and the model that answered'],
  },
  'leaves blocks open': {
    mutate: mapped((event) => (event.type === 'text-end' ? [] : [event])),
    fails: ['answers: text, with its usage and the model that answered'],
  },
  'gives all calls one id': {
    mutate: mapped((event) => (event.type === 'tool-call' ? [{ ...event, toolCallId: 'same' }] : [event])),
    fails: ['answers: two calls at once'],
  },
  'loses the usage': {
    mutate: mapped((event) => (event.type === 'finish' ? [{ ...event, usage: UNKNOWN_USAGE }] : [event])),
    fails: [
      'answers: text, with its usage and the model that answered',
      'answers: usage with cached tokens, which are part of the input',
      'answers: usage with reasoning, which is part of the output',
    ],
  },
  'counts cached tokens twice': {
    mutate: mapped((event) => {
      if (event.type !== 'finish') return [event];
      const { inputTokens } = event.usage;
      return [
        { ...event, usage: { ...event.usage, inputTokens: { ...inputTokens, noCache: inputTokens.total } } },
      ];
    }),
    fails: ['answers: usage with cached tokens, which are part of the input'],
  },
  'says stop, whatever the reason': {
    mutate: mapped((event) => (event.type === 'finish' ? [{ ...event, finishReason: 'stop' }] : [event])),
    fails: ['answers: text that the output limit cut', 'answers: a call of a tool'],
  },
  'breaks characters that are not ASCII': {
    mutate: mapped((event) =>
      event.type === 'text-delta' ? [{ ...event, delta: event.delta.replace(/\P{ASCII}/gu, '?') }] : [event],
    ),
    fails: ['answers: text with every kind of character', 'answers: in portions of 1 bytes'],
  },
  'takes no notice of the signal': {
    slow: true,
    mutate: ({ stream }) => ({
      stream: (request, context) => stream(request, { ...context, signal: new AbortController().signal }),
    }),
    fails: [
      'cancellation: before it began, nothing is sent',
      'cancellation: while the vendor says nothing, the connection is closed',
    ],
  },
  'repeats failed requests by itself': {
    slow: true,
    mutate: ({ stream }) => ({
      async *stream(...args) {
        const events: ModelEvent[] = [];
        try {
          for await (const event of stream(...args)) events.push(event);
          yield* events;
        } catch {
          yield* stream(...args);
        }
      },
    }),
    fails: ['faults: a refusal (server) has its code, once', 'faults: a rate limit says for how long'],
  },
  'tells the key': {
    mutate: ({ stream }, { apiKey }) => ({
      async *stream(...args) {
        try {
          yield* stream(...args);
        } catch (error) {
          throw Object.assign(error as Error, {
            request: { headers: { authorization: `Bearer ${apiKey}` } },
          });
        }
      },
    }),
    fails: ['isolation: the key is in no event and no error, also when the vendor repeats it'],
  },
  'sends before it is asked': {
    mutate: ({ stream }) => ({
      stream(...args) {
        const iterator = stream(...args)[Symbol.asyncIterator]();
        const first = iterator.next();
        first.catch(() => undefined);
        let given = false;
        return {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              if (given) return iterator.next();
              given = true;
              return first;
            },
            return: async () => iterator.return?.() ?? { done: true, value: undefined },
          }),
        };
      },
    }),
    fails: ['identity: sends nothing before the first event is pulled'],
  },
  'throws errors that are not ours': {
    mutate: ({ stream }) => ({
      async *stream(...args) {
        try {
          yield* stream(...args);
        } catch {
          throw new TypeError('fetch failed');
        }
      },
    }),
    fails: [
      'faults: a refusal (authentication) has its code, once',
      'faults: an address where nobody listens',
    ],
  },
  'mixes calls': {
    mutate: (() => {
      let last: Parameters<Stream>[0] | undefined;
      return ({ stream }: Provider) => ({
        stream: (...[request, context]: Parameters<Stream>) => {
          const other = last ?? request;
          last = request;
          return stream(other, context);
        },
      });
    })(),
    fails: ['isolation: 50 calls at once do not mix'],
  },
  'forgets the conversation': {
    mutate: ({ stream }) => ({
      stream: (request, context) => stream({ ...request, messages: request.messages.slice(-1) }, context),
    }),
    fails: ['requests: hold the whole conversation, in its order', 'requests: hold the instructions'],
  },
  'fails for a setting that it does not know': {
    mutate: ({ stream }) => ({
      stream(request, context) {
        if (request.topK !== undefined) throw new MillraceError('BAD_REQUEST', 'There is no topK.');
        return stream(request, context);
      },
    }),
    fails: ['requests: carry settings, or tell of their loss in a warning, and never fail for them'],
  },
  'drops the headers of the caller': {
    mutate: ({ stream }) => ({
      stream: ({ headers: _headers, ...request }, context) => stream(request, context),
    }),
    fails: ['requests: carry the headers of the caller'],
  },
  'verifies any key': {
    mutate: () => ({ verify: async () => ({ status: 'verified', message: 'Fine.' }) }),
    fails: [
      'extras: a key that the vendor refuses is not verified',
      'extras: a vendor that cannot be reached verifies nothing',
    ],
  },
  'turns vectors round': {
    mutate: ({ embed }) => ({
      async embed(...args) {
        const reply = await embed?.(...args);
        if (reply === undefined) throw new Error('No embeddings.');
        return { ...reply, embeddings: reply.embeddings.toReversed() };
      },
    }),
    fails: ['extras: texts become vectors, in their order'],
  },
  'has an id that is none': {
    mutate: () => ({ id: 'Not An Id' }),
    fails: ['identity: names its specification, an id and a label'],
  },
};

test('a good provider fails nothing, and little is left out', async () => {
  const results = await runProviderCases({ dialect: openaiChatDialect, create: good });
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(results.filter(({ outcome }) => outcome === 'left-out').map(({ name }) => name)).toEqual([
    'extras: tokens are counted',
  ]);
  expect(results.length).toBeGreaterThan(55);
}, 60_000);

describe('a provider that', () => {
  test.each(Object.entries(MUTANTS))(
    '%s is found out',
    async (_what, { mutate, fails, slow }) => {
      const failed = await failedBy(mutate, slow === true ? fails : undefined);
      expect(failed).toEqual(expect.arrayContaining([...fails]));
    },
    120_000,
  );
});

test('a case may be skipped for a reason, but only one that there is', async () => {
  const create = (options: { readonly baseUrl: string; readonly apiKey: string }) => ({
    ...good(options),
    label: ' ',
  });
  const name = 'identity: names its specification, an id and a label';
  const skipped = await runProviderCases({ create, skip: { [name]: 'It has no name.' } });
  expect(skipped.find((result) => result.name === name)).toEqual({
    name,
    outcome: 'left-out',
    reason: 'It has no name.',
  });
  await expect(runProviderCases({ create, skip: { 'no such case': 'x' } })).rejects.toThrow('no such case');
  await expect(runProviderCases({ create, skip: { [name]: ' ' } })).rejects.toThrow('without a reason');
});
