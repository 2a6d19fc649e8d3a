import { type Fixture, LLMock } from '@copilotkit/aimock';

/** What the emulated vendor says; tests ask for it by the words of {@link ASK}. */
export const SAID = {
  answer: 'Two and two is four. Grüße ☂',
  reasoning: 'First two, then two more.',
  weather: 'It is sunny in Paris.',
  json: '{"city":"Paris","celsius":21}',
  image: 'A red dot.',
} as const;

/** The prompts that the emulator knows. */
export const ASK = {
  answer: 'Add two and two',
  reasoning: 'Think about two and two',
  weather: 'How is the weather?',
  twoTools: 'Compare two cities',
  json: 'Describe Paris in JSON',
  image: 'What is in the picture?',
  long: 'Tell a long story',
} as const;

/** Failures of the vendor, by the prompt that provokes each. */
export const FAILURES = {
  'too fast': {
    status: 429,
    retryAfter: 7,
    error: { message: 'Rate limit reached.', type: 'requests', code: 'rate_limit_exceeded' },
  },
  'no credit': {
    status: 429,
    error: { message: 'You exceeded your quota.', type: 'insufficient_quota', code: 'insufficient_quota' },
  },
  'bad key': {
    status: 401,
    error: { message: 'Incorrect key.', type: 'invalid_request_error', code: 'invalid_api_key' },
  },
  'not allowed': {
    status: 403,
    error: { message: 'Not for you.', type: 'invalid_request_error', code: 'permission_denied' },
  },
  'no model': {
    status: 404,
    error: {
      message: 'No such model.',
      type: 'invalid_request_error',
      code: 'model_not_found',
      param: 'model',
    },
  },
  'too long': {
    status: 400,
    error: {
      message: 'Maximum context length is 8 tokens.',
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      param: 'messages',
    },
  },
  'bad request': {
    status: 400,
    error: { message: 'Temperature is off.', type: 'invalid_request_error', param: 'temperature' },
  },
  broken: { status: 500, error: { message: 'It broke.', type: 'server_error' } },
} as const;

const ENVELOPE = { id: 'chatcmpl-emulated', created: 1_790_000_000 } as const;
const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } as const;

const weatherCall = (id: string, city: string) => ({
  id,
  name: 'get_weather',
  arguments: JSON.stringify({ city }),
});

const fixtures: Fixture[] = [
  {
    match: { hasToolResult: true, userMessage: ASK.weather },
    response: { ...ENVELOPE, content: SAID.weather, usage: USAGE },
  },
  {
    match: { userMessage: ASK.weather, hasToolResult: false },
    response: { ...ENVELOPE, toolCalls: [weatherCall('call_1', 'Paris')], usage: USAGE },
  },
  {
    match: { userMessage: ASK.twoTools },
    response: {
      ...ENVELOPE,
      content: 'I look.',
      toolCalls: [weatherCall('call_1', 'Paris'), weatherCall('call_2', 'Rome')],
      usage: USAGE,
    },
  },
  { match: { userMessage: ASK.answer }, response: { ...ENVELOPE, content: SAID.answer, usage: USAGE } },
  {
    match: { userMessage: ASK.reasoning },
    response: { ...ENVELOPE, content: SAID.answer, reasoning: SAID.reasoning, usage: USAGE },
  },
  { match: { userMessage: ASK.json }, response: { ...ENVELOPE, content: SAID.json, usage: USAGE } },
  {
    match: { predicate: ({ messages }) => JSON.stringify(messages).includes('"image_url"') },
    response: { ...ENVELOPE, content: SAID.image, usage: USAGE },
  },
  {
    match: { userMessage: ASK.long },
    response: { ...ENVELOPE, content: 'once upon a time '.repeat(200) },
    chunkSize: 10,
    latency: 20,
  },
  ...Object.entries(FAILURES).map(
    ([userMessage, failure]): Fixture => ({ match: { userMessage }, response: failure }),
  ),
];

/** The only key that the emulator takes. */
export const VENDOR_KEY = 'sk-test-vendor-0123456789';

/** Start an emulator of OpenAI on a free port. What it does not know it refuses with 503. */
export const startEmulator = async (): Promise<LLMock> => {
  const emulator = new LLMock({
    port: 0,
    host: '127.0.0.1',
    strict: true,
    chunkSize: 5,
    auth: { apiKeys: [VENDOR_KEY] },
  });
  emulator.addFixtures(fixtures);
  await emulator.start();
  return emulator;
};
