import type { Message, ModelRequest } from '@millrace/core/model';
import { check, equal } from '../check.js';
import { DELIVERIES, replyTo, user } from '../harness.js';
import { type PlayedContext, type ProviderCase, played } from '../provider-case.js';
import { TEXT_ANSWER } from '../scene.js';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SCHEMA = {
  type: 'object',
  properties: { canary_city: { type: 'string' } },
  required: ['canary_city'],
  additionalProperties: false,
} as const;

/** Asks, and gives what the upstream got. */
const sent = async (context: PlayedContext, request: Partial<ModelRequest>) => {
  context.upstream.play({ answer: TEXT_ANSWER });
  context.upstream.clear();
  const reply = await replyTo(context, { request });
  const [entry] = context.upstream.journal;
  check(entry !== undefined, 'The request for the answer did not reach the upstream.');
  return { entry, reply };
};

/** Texts stand in a body, in their order. */
const inOrder = (body: string, texts: readonly string[]): void => {
  let from = 0;
  for (const text of texts) {
    const place = body.indexOf(text, from);
    check(place >= 0, `"${text}" is not in the request, or not in its place.`);
    from = place + text.length;
  }
};

const CONVERSATION: readonly Message[] = [
  user('first-question'),
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'first-answer' },
      { type: 'tool-call', toolCallId: 'call_1', toolName: 'get_weather', input: { city: 'canary-input' } },
    ],
  },
  {
    role: 'tool',
    content: [
      {
        type: 'tool-result',
        toolCallId: 'call_1',
        toolName: 'get_weather',
        output: { type: 'json', value: { sky: 'canary-result' } },
      },
    ],
  },
  { role: 'assistant', content: [{ type: 'text', text: 'second-answer' }] },
  user('second-question'),
];

/** What a request must carry. */
export const REQUEST_CASES: readonly ProviderCase[] = [
  played('requests: carry the key, in a header or the address, and nowhere else', async (context) => {
    const { entry } = await sent(context, {});
    if (!context.provider.credential.required) return;
    const { apiKey } = context;
    const carried =
      Object.values(entry.headers).some((value) => value?.includes(apiKey)) || entry.path.includes(apiKey);
    check(carried, 'The key is not in the request.');
    check(!entry.text.includes(apiKey), 'The key is in the body of the request.');
  }),
  played('requests: name the model, and say how the answer is to come', async (context) => {
    for (const delivery of DELIVERIES) {
      context.upstream.play({ answer: TEXT_ANSWER });
      context.upstream.clear();
      await replyTo(context, { delivery });
      const [entry] = context.upstream.journal;
      check(entry !== undefined, 'Nothing was sent.');
      check(`${entry.path} ${entry.text}`.includes(context.model), 'The model is not named.');
      if (delivery === 'incremental')
        equal(context.dialect.wantsStream(entry), true, 'Whether a stream is asked for');
    }
  }),
  played('requests: hold the whole conversation, in its order', async (context) => {
    const { entry } = await sent(context, { messages: CONVERSATION });
    inOrder(entry.text, [
      'first-question',
      'first-answer',
      'canary-input',
      'canary-result',
      'second-answer',
      'second-question',
    ]);
  }),
  played('requests: hold the instructions', async (context) => {
    const messages: Message[] = [{ role: 'system', content: 'canary-instructions' }, user('Hi')];
    const { entry } = await sent(context, { messages });
    check(entry.text.includes('canary-instructions'), 'The instructions are not in the request.');
  }),
  played(
    'requests: hold an image',
    async (context) => {
      const messages: Message[] = [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: PIXEL } },
          ],
        },
      ];
      const { entry } = await sent(context, { messages });
      check(entry.text.includes(PIXEL), 'The image is not in the request.');
    },
    'images',
  ),
  played('requests: offer tools', async (context) => {
    const tools = [
      { type: 'function', name: 'canary_tool', description: 'canary-description', inputSchema: SCHEMA },
    ] as const;
    const { entry } = await sent(context, { tools });
    inOrder(entry.text, ['canary_city']);
    for (const text of ['canary_tool', 'canary-description'])
      check(entry.text.includes(text), `"${text}" is not in the request.`);
  }),
  played('requests: ask for JSON with its schema, or say that they could not', async (context) => {
    const responseFormat = { type: 'json', schema: SCHEMA, name: 'canary' } as const;
    const { entry, reply } = await sent(context, { responseFormat });
    check(
      entry.text.includes('canary_city') || reply.warnings.length > 0,
      'The schema is neither in the request nor is its loss told in a warning.',
    );
  }),
  played(
    'requests: carry settings, or tell of their loss in a warning, and never fail for them',
    async (context) => {
      await sent(context, {
        maxOutputTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        presencePenalty: 0.1,
        frequencyPenalty: 0.1,
        stopSequences: ['END'],
        seed: 7,
        reasoning: 'low',
        parallelToolCalls: false,
      });
    },
  ),
  played('requests: carry the headers of the caller', async (context) => {
    const { entry } = await sent(context, { headers: { 'X-Canary': 'flies' } });
    equal(entry.headers['x-canary'], 'flies', 'The header of the caller');
  }),
  played('requests: leave the options of other providers out', async (context) => {
    const { entry } = await sent(context, {
      messages: [{ ...user('Hi'), providerMetadata: { 'somebody-else': { secret: 'canary-foreign' } } }],
      providerOptions: { 'somebody-else': { option: 'canary-foreign' } },
    });
    check(!entry.text.includes('canary-foreign'), 'Options of another provider are in the request.');
  }),
  played(
    'requests: leave the signatures of other providers out, and keep the rest of their conversation',
    async (context) => {
      const messages: Message[] = [
        user('first-question'),
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: 'foreign-thought',
              providerMetadata: { 'somebody-else': { signature: 'canary-signature' } },
            },
            { type: 'text', text: 'first-answer' },
          ],
        },
        user('second-question'),
      ];
      const { entry } = await sent(context, { messages });
      inOrder(entry.text, ['first-question', 'first-answer', 'second-question']);
      check(!entry.text.includes('canary-signature'), 'A signature of another provider is in the request.');
    },
  ),
  played('requests: carry every kind of result of a tool', async (context) => {
    const outputs = [
      { type: 'text', value: 'canary-1' },
      { type: 'json', value: { a: 'canary-2' } },
      { type: 'error-text', value: 'canary-3' },
      { type: 'error-json', value: { a: 'canary-4' } },
      { type: 'execution-denied', reason: 'canary-5' },
      { type: 'content', value: [{ type: 'text', text: 'canary-6' }] },
    ] as const;
    const messages: Message[] = [
      user('Hi'),
      {
        role: 'assistant',
        content: outputs.map((_output, index) => ({
          type: 'tool-call',
          toolCallId: `call_${index}`,
          toolName: 'get_weather',
          input: {},
        })),
      },
      {
        role: 'tool',
        content: outputs.map((output, index) => ({
          type: 'tool-result',
          toolCallId: `call_${index}`,
          toolName: 'get_weather',
          output,
        })),
      },
    ];
    const { entry } = await sent(context, { messages });
    inOrder(entry.text, ['canary-1', 'canary-2', 'canary-3', 'canary-4', 'canary-5', 'canary-6']);
  }),
];
