import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { fromAiSdk } from '@millrace/providers/ai-sdk';
import { anthropicDialect, describeProvider, openaiChatDialect } from '@millrace/providers/conformance';

describeProvider('OpenAI by the AI SDK', {
  // Its chat models read no reasoning.
  dialect: { ...openaiChatDialect, has: { ...openaiChatDialect.has, reasoning: false } },
  model: 'gpt-4o',
  create: ({ baseUrl, apiKey }) => {
    const { chat } = createOpenAI({ baseURL: baseUrl, apiKey });
    return fromAiSdk((model) => chat(model), { id: 'openai' });
  },
});

describeProvider('Anthropic by the AI SDK', {
  dialect: anthropicDialect,
  model: 'claude-opus-4-8',
  create: ({ baseUrl, apiKey }) => {
    const models = createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey });
    return fromAiSdk((model) => models(model), { id: 'anthropic' });
  },
});
