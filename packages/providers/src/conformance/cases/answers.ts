import type { Reply } from '@millrace/core/model';
import { check, equal } from '../check.js';
import { DELIVERIES, replyTo } from '../harness.js';
import { type PlayedContext, type ProviderCase, played } from '../provider-case.js';
import { type SceneAnswer, type SceneCall, type SceneFault, TEXT_ANSWER } from '../scene.js';

const TOOLS = [
  {
    type: 'function',
    name: 'get_weather',
    description: 'The weather of a city.',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
  },
] as const;

/** Plays an answer both ways and looks at the reply. */
const both = async (
  context: PlayedContext,
  change: Partial<SceneAnswer>,
  look: (reply: Reply) => void,
  fault?: SceneFault,
): Promise<void> => {
  const answer = { ...TEXT_ANSWER, ...change };
  context.upstream.play({ answer, fault });
  for (const delivery of DELIVERIES) {
    const request = answer.calls === undefined ? {} : { tools: TOOLS };
    try {
      look(await replyTo(context, { delivery, request }));
    } catch (error) {
      throw new Error(`${delivery}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
};

const ODD =
  'Grüße, 世界! 🦀👩‍👩‍👧 \u202Eabc\u202C "quoted" \\n \\u0041 </s>\n\ttab, data: [DONE]\r\n\u0000end';
const call = (input: string, number = 1): SceneCall => ({ id: `call_${number}`, name: 'get_weather', input });
const calling = (...calls: SceneCall[]): Partial<SceneAnswer> => {
  const { text: _text, ...rest } = TEXT_ANSWER;
  return { ...rest, text: [], calls, finish: 'tool-calls' };
};
const inputsOf = ({ toolCalls }: Reply): unknown[] => toolCalls.map(({ input }) => input);

const textIs = (wanted: string) => (reply: Reply) => {
  equal(reply.text, wanted, 'The text');
  equal(reply.finishReason, 'stop', 'The finish reason');
};

/** What an answer may hold. */
export const ANSWER_CASES: readonly ProviderCase[] = [
  played('answers: text, with its usage and the model that answered', async (context) => {
    await both(context, {}, (reply) => {
      textIs('The Aare flows.')(reply);
      equal(reply.usage.inputTokens.total, 12, 'The input tokens');
      equal(reply.usage.outputTokens.total, 7, 'The output tokens');
      equal(reply.usage.estimated, false, 'Whether the usage is estimated');
      if (context.dialect.has.modelName)
        equal(reply.response.modelId, 'conformance-model', 'The model that answered');
    });
  }),
  played('answers: text with every kind of character', async (context) => {
    await both(context, { text: [ODD, ODD] }, textIs(ODD + ODD));
  }),
  played('answers: nothing', async (context) => {
    await both(context, { text: [] }, textIs(''));
  }),
  played('answers: two thousand pieces', async (context) => {
    const text = Array.from({ length: 2_000 }, (_value, index) => `${index} `);
    await both(context, { text }, textIs(text.join('')));
  }),
  played('answers: text that the output limit cut', async (context) => {
    await both(context, { finish: 'length' }, (reply) => {
      equal(reply.finishReason, 'length', 'The finish reason');
      equal(reply.text, 'The Aare flows.', 'The text');
    });
  }),
  played(
    'answers: text that a content filter cut',
    async (context) => {
      await both(context, { finish: 'content-filter' }, (reply) =>
        equal(reply.finishReason, 'content-filter', 'The finish reason'),
      );
    },
    'contentFilter',
  ),
  played('answers: a call of a tool', async (context) => {
    await both(context, calling(call('{"city":"Bern"}')), (reply) => {
      equal(inputsOf(reply), [{ city: 'Bern' }], 'The arguments');
      equal(reply.toolCalls[0]?.toolName, 'get_weather', 'The name of the tool');
      check(reply.toolCalls[0]?.toolCallId !== '', 'The id of the call is empty.');
      equal(reply.finishReason, 'tool-calls', 'The finish reason');
    });
  }),
  played(
    'answers: two calls at once',
    async (context) => {
      await both(context, calling(call('{"city":"Bern"}'), call('{"city":"Thun"}', 2)), (reply) => {
        equal(inputsOf(reply), [{ city: 'Bern' }, { city: 'Thun' }], 'The arguments');
        equal(
          new Set(reply.toolCalls.map(({ toolCallId }) => toolCallId)).size,
          2,
          'The number of different ids',
        );
      });
    },
    'parallelCalls',
  ),
  played(
    'answers: a call without arguments',
    async (context) => {
      await both(context, calling(call('')), (reply) => equal(inputsOf(reply), [{}], 'The arguments'));
    },
    'noArguments',
  ),
  played(
    'answers: a call whose arguments are no JSON',
    async (context) => {
      await both(context, calling(call('{"city":')), (reply) => {
        equal(reply.toolCalls[0]?.invalid, true, 'Whether the call is marked as invalid');
        equal(reply.toolCalls[0]?.inputText, '{"city":', 'The arguments as the model wrote them');
      });
    },
    'brokenArguments',
  ),
  played('answers: text and then a call', async (context) => {
    await both(context, { ...calling(call('{"city":"Bern"}')), text: ['I ', 'look.'] }, (reply) => {
      equal(reply.text, 'I look.', 'The text');
      equal(
        reply.content.map(({ type }) => type),
        ['text', 'tool-call'],
        'The order of the parts',
      );
    });
  }),
  played(
    'answers: reasoning, and then text',
    async (context) => {
      await both(context, { reasoning: 'Swiss rivers …' }, (reply) => {
        equal(reply.reasoning, 'Swiss rivers …', 'The reasoning');
        equal(reply.text, 'The Aare flows.', 'The text');
      });
    },
    'reasoning',
  ),
  played(
    'answers: usage with cached tokens, which are part of the input',
    async (context) => {
      await both(context, { usage: { input: 100, output: 7, cacheRead: 60 } }, ({ usage }) => {
        const { total, noCache, cacheRead, cacheWrite } = usage.inputTokens;
        equal([total, cacheRead], [100, 60], 'The input tokens, and those read from the cache');
        equal(
          (noCache ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
          100,
          'The sum of the parts of the input',
        );
      });
    },
    'cachedTokens',
  ),
  played(
    'answers: usage with reasoning, which is part of the output',
    async (context) => {
      await both(context, { usage: { input: 12, output: 50, reasoning: 30 } }, ({ usage }) => {
        const { total, text, reasoning } = usage.outputTokens;
        equal([total, reasoning, text], [50, 30, 20], 'The output tokens, those of reasoning, those of text');
      });
    },
    'reasoningTokens',
  ),
  ...[1, 3, 17].map((bytes) =>
    played(`answers: in portions of ${bytes} bytes`, async (context) => {
      await both(context, { text: [ODD] }, textIs(ODD), { type: 'portions', bytes });
    }),
  ),
  played('answers: everything at once', async (context) => {
    const text = Array.from({ length: 300 }, (_value, index) => `${index} `);
    await both(context, { text }, textIs(text.join('')), { type: 'burst' });
  }),
  played('answers: slowly', async (context) => {
    await both(context, {}, textIs('The Aare flows.'), { type: 'slow', ms: 10 });
  }),
];
