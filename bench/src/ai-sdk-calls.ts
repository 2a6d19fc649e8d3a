// The AI SDK's ways to call, with its own model and with ours in the same place.
import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { createGateway } from '@millrace/core';
import { fromAiSdk, toAiSdk } from '@millrace/providers/ai-sdk';
import { openai } from '@millrace/providers/openai';
import { generateText, streamText } from 'ai';

type Check = (text: string, streamed: boolean) => void;

/** The calls by name; `check` looks at each answer. */
export const aiSdkCalls = (
  url: string,
  prompt: string,
  check: Check,
): Readonly<Record<string, () => Promise<void>>> => {
  const options = { baseUrl: `${url}/v1`, apiKey: 'sk-bench' };
  const theirs = createOpenAI({ baseURL: options.baseUrl, apiKey: options.apiKey }).chat('gpt-4o-mini');
  const ours = toAiSdk(createGateway({ providers: [openai(options)] }))('openai:gpt-4o-mini');
  const bridged = createGateway({ providers: [fromAiSdk(theirs, { id: 'openai' })] });
  const request = { model: 'openai:gpt-4o-mini', prompt };
  const callOptions = {
    prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }],
  };

  const generate = (model: LanguageModelV4) => async (): Promise<void> =>
    check((await generateText({ model, prompt })).text, false);
  const stream = (model: LanguageModelV4) => async (): Promise<void> => {
    let text = '';
    for await (const delta of streamText({ model, prompt }).textStream) text += delta;
    check(text, true);
  };
  const textOf = (parts: readonly { readonly type: string; readonly text?: string }[]): string =>
    parts.map((part) => part.text ?? '').join('');

  return {
    'ai-sdk-generate': generate(theirs),
    'ai-sdk-generate-ours': generate(ours),
    'ai-sdk-stream': stream(theirs),
    'ai-sdk-stream-ours': stream(ours),
    'ai-sdk-model-chat': async () => check(textOf((await theirs.doGenerate(callOptions)).content), false),
    'ai-sdk-model-chat-ours': async () => check((await bridged.chat(request)).text, false),
    'ai-sdk-model-stream': async () => {
      let text = '';
      const { stream: parts } = await theirs.doStream(callOptions);
      for await (const part of parts as AsyncIterable<LanguageModelV4StreamPart>)
        if (part.type === 'text-delta') text += part.delta;
      check(text, true);
    },
    'ai-sdk-model-stream-ours': async () => {
      let text = '';
      for await (const event of bridged.stream(request)) if (event.type === 'text-delta') text += event.delta;
      check(text, true);
    },
  };
};
