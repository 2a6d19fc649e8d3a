import type { Message } from '../model/message.js';

/** What a message measures: all of its texts, structures as JSON. Files do not count, they are never changed. */
export const measureMessage = (message: Message, measure: (text: string) => number): number => {
  if (message.role === 'system') return measure(message.content);
  let total = 0;
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        total += measure(part.text);
        break;
      case 'tool-call':
        total += measure(part.toolName) + measure(part.inputText ?? json(part.input));
        break;
      case 'tool-result':
        total += measureOutput(part.output, measure);
        break;
      default:
        break;
    }
  }
  return total;
};

type Output = Extract<Message, { role: 'tool' }>['content'][number]['output'];

const measureOutput = (output: Output, measure: (text: string) => number): number => {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return measure(output.value);
    case 'json':
    case 'error-json':
      return measure(json(output.value));
    case 'content':
      return output.value.reduce((total, part) => total + (part.type === 'text' ? measure(part.text) : 0), 0);
    default:
      return 0;
  }
};

const json = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
};
