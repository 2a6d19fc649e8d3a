import { asObject } from '../transport/index.js';
import type { WireChoice, WireCompletion } from './wire.js';

/**
 * Reads chunks that differ from one before only in their piece of text, which most chunks of a stream do, without
 * parsing them again. JSON around a string is the same JSON around any other string.
 */
export interface DeltaTemplate {
  /** The text of a chunk that fits the template; `undefined` when the chunk has to be parsed. */
  match(payload: string): string | undefined;
  /** Take a parsed chunk as the template, if there is nothing in it but a piece of text. */
  learn(payload: string, completion: WireCompletion): void;
}

/** What would end the string, or stand for another character in it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a string, so they are looked for.
const NOT_PLAIN = /["\\\u0000-\u001f]/;

/** A template that has learnt nothing yet. */
export const createDeltaTemplate = (): DeltaTemplate => {
  let prefix: string | undefined;
  let suffix = '';
  return {
    match(payload) {
      if (prefix === undefined || payload.length < prefix.length + suffix.length) return undefined;
      if (!payload.startsWith(prefix) || !payload.endsWith(suffix)) return undefined;
      const text = payload.slice(prefix.length, payload.length - suffix.length);
      return NOT_PLAIN.test(text) ? undefined : text;
    },
    learn(payload, completion) {
      const text = onlyText(completion);
      if (text === undefined || NOT_PLAIN.test(text)) return;
      for (const key of ['"content":"', '"content": "']) {
        const start = payload.indexOf(`${key}${text}"`);
        // It must be the only place where it could stand.
        if (start < 0 || payload.indexOf(key) !== start || payload.lastIndexOf(key) !== start) continue;
        prefix = payload.slice(0, start + key.length);
        suffix = payload.slice(start + key.length + text.length);
      }
    },
  };
};

/** The text of a chunk that holds a piece of text of the first answer, and nothing else that counts. */
const onlyText = ({ choices, usage, x_groq }: WireCompletion): string | undefined => {
  if (isSet(usage) || isSet(x_groq) || !Array.isArray(choices) || choices.length !== 1) return undefined;
  const { index, delta, finish_reason, logprobs } = asObject<WireChoice>(choices[0]);
  if ((index !== undefined && index !== 0) || isSet(finish_reason) || isSet(logprobs)) return undefined;
  const { content, role: _, ...others } = asObject<{ content?: unknown; role?: unknown }>(delta);
  return typeof content === 'string' && !Object.values(others).some(isSet) ? content : undefined;
};

const isSet = (value: unknown): boolean => value !== undefined && value !== null;
