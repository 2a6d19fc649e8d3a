import { text as readAll } from 'node:stream/consumers';
import type { Gateway } from '@millrace/core';
import { type Terminal, write } from './terminal.ts';

/** What `chat` was asked. */
export interface ChatOptions {
  readonly model?: string | undefined;
  readonly system?: string | undefined;
  /** The words of the command line; without any, the prompt is read from the input. */
  readonly words: readonly string[];
}

/** Stream an answer to the terminal. */
export const chat = async (gateway: Gateway, options: ChatOptions, terminal: Terminal): Promise<void> => {
  const prompt = await readPrompt(options.words, terminal);
  const { model, system } = options;
  const stream = gateway.stream({ model, system, prompt, signal: terminal.signal });
  for await (const event of stream) {
    if (event.type === 'text-delta') await write(terminal.output, event.delta, terminal.signal);
  }
  await write(terminal.output, '\n', terminal.signal);
  if (terminal.notes.isTTY !== true) return;
  const { cost, route, response } = await stream.reply();
  const price = cost.costUsd === null ? 'price not known' : `$${cost.costUsd.toFixed(6)}`;
  const tokens = `${cost.tokensIn} tokens in, ${cost.tokensOut} out${cost.estimated ? ' (estimated)' : ''}`;
  await write(terminal.notes, `— ${route.provider}:${response.modelId} · ${tokens} · ${price}\n`);
};

const readPrompt = async (words: readonly string[], { input }: Terminal): Promise<string> => {
  const prompt = words.length > 0 || input.isTTY === true ? words.join(' ') : (await readAll(input)).trim();
  if (prompt === '')
    throw new Error(
      'There is nothing to ask. Write it behind the command, or pipe it in: millrace chat "Hello"',
    );
  return prompt;
};
