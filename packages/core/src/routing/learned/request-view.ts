import type { ModelRequest } from '../../model/model-request.js';
import type { RoutableRequest } from './router-example.js';

/** What is read of a request. */
export interface RequestView {
  /** The newest user message. */
  readonly text: string;
  /** Characters of the system messages. */
  readonly systemLength: number;
  /** User messages before the newest. */
  readonly earlierTurns: number;
  readonly tools: number;
  readonly files: number;
  readonly json: boolean;
}

/** A prompt is a request with one message and nothing around it. */
export const viewRequest = (request: RoutableRequest): RequestView =>
  typeof request === 'string'
    ? { text: request, systemLength: 0, earlierTurns: 0, tools: 0, files: 0, json: false }
    : viewMessages(request);

const viewMessages = ({
  messages,
  tools = [],
  responseFormat,
}: Pick<ModelRequest, 'messages' | 'tools' | 'responseFormat'>): RequestView => {
  let systemLength = 0;
  let users = 0;
  let newest: (typeof messages)[number] | undefined;
  for (const message of messages) {
    if (message.role === 'system') systemLength += message.content.length;
    if (message.role !== 'user') continue;
    users += 1;
    newest = message;
  }
  const texts: string[] = [];
  let files = 0;
  if (newest?.role === 'user') {
    for (const part of newest.content) {
      if (part.type === 'text') texts.push(part.text);
      else files += 1;
    }
  }
  return {
    text: texts.join('\n'),
    systemLength,
    earlierTurns: Math.max(0, users - 1),
    tools: tools.length,
    files,
    json: responseFormat?.type === 'json',
  };
};
