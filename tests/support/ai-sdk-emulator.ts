import { type Fixture, LLMock } from '@copilotkit/aimock';

/** The prompts that the emulator knows. */
export const ASK = {
  answer: 'Add two and two',
  weather: 'How is the weather in the picture?',
  json: 'Describe Paris in JSON',
  long: 'Tell a long story',
  busy: 'Answer when you can',
} as const;

/** What it says to them. */
export const SAID = {
  answer: 'Two and two is four. Grüße ☂',
  reasoning: 'The picture shows Paris.',
  signature: 'c2lnbmVkLWJ5LXRoZS12ZW5kb3I=',
  weather: 'It is sunny in Paris.',
  json: '{"city":"Paris","celsius":21}',
} as const;

/** The only key that it takes. */
export const KEY = 'sk-test-ai-sdk-0123456789';

const usage = {
  input_tokens: 100,
  output_tokens: 20,
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
};

const fixtures: Fixture[] = [
  { match: { userMessage: ASK.answer }, response: { content: SAID.answer, usage } },
  {
    match: { userMessage: ASK.weather, hasToolResult: false },
    response: {
      reasoning: SAID.reasoning,
      reasoningSignature: SAID.signature,
      toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }],
      usage,
    },
  },
  { match: { userMessage: ASK.weather, hasToolResult: true }, response: { content: SAID.weather, usage } },
  { match: { userMessage: ASK.json }, response: { content: SAID.json, usage } },
  {
    match: { userMessage: ASK.busy, sequenceIndex: 0 },
    response: {
      status: 429,
      retryAfter: 0,
      error: { message: 'Slow down.', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    },
  },
  { match: { userMessage: ASK.busy }, response: { content: SAID.answer, usage } },
];

/** Start an emulator of OpenAI and Anthropic on a free port. */
export const startAiSdkEmulator = async (): Promise<LLMock> => {
  const emulator = new LLMock({
    port: 0,
    host: '127.0.0.1',
    strict: true,
    chunkSize: 5,
    auth: { apiKeys: [KEY] },
  });
  emulator.addFixtures(fixtures);
  await emulator.start();
  return emulator;
};
