import { MillraceError } from '../model/errors/millrace-error.js';
import type { Message, MessageInput } from '../model/message.js';

const PARTS: Readonly<Record<Exclude<Message['role'], 'system'>, readonly string[]>> = {
  user: ['text', 'file'],
  assistant: ['text', 'reasoning', 'file', 'tool-call', 'source'],
  tool: ['tool-result'],
};
const FIELDS: Readonly<Record<string, Readonly<Record<string, 'string' | 'object'>>>> = {
  text: { text: 'string' },
  reasoning: { text: 'string' },
  file: { mediaType: 'string', data: 'object' },
  'tool-call': { toolCallId: 'string', toolName: 'string' },
  'tool-result': { toolCallId: 'string', toolName: 'string', output: 'object' },
  source: { id: 'string', url: 'string' },
};

/**
 * Check one message as the caller wrote it, and turn a string into a text part.
 *
 * @throws MillraceError `BAD_REQUEST` that names the place.
 */
export const toMessage = (message: MessageInput, index: number): Message => {
  const at = `messages[${index}]`;
  const role: string | undefined = message?.role;
  if (role === 'system') {
    if (typeof message.content === 'string') return message as Message;
    throw bad(`${at}: the content of a system message is a string.`);
  }
  if (role !== 'user' && role !== 'assistant' && role !== 'tool') {
    throw bad(`${at}: the role is one of system, user, assistant and tool.`);
  }
  if (typeof message.content === 'string' && role !== 'tool') {
    return { ...message, content: [{ type: 'text', text: message.content }] } as Message;
  }
  if (!Array.isArray(message.content)) {
    const wanted = role === 'tool' ? 'a list of tool results' : 'a string or a list of parts';
    throw bad(`${at}: the content of a ${role} message is ${wanted}.`);
  }
  for (const [place, part] of message.content.entries()) {
    checkPart(part, PARTS[role], `${at}.content[${place}]`);
  }
  return message as Message;
};

const checkPart = (part: unknown, allowed: readonly string[], at: string): void => {
  const { type, ...rest } = (typeof part === 'object' && part !== null ? part : {}) as Record<
    string,
    unknown
  >;
  if (typeof type !== 'string' || !allowed.includes(type)) {
    throw bad(`${at}: the type of a part is here one of ${allowed.join(', ')}.`);
  }
  for (const [name, wanted] of Object.entries(FIELDS[type] ?? {})) {
    if (typeof rest[name] === wanted && rest[name] !== null) continue;
    throw bad(`${at}: a ${type} part has \`${name}\`, ${wanted === 'string' ? 'a string' : 'an object'}.`);
  }
  if (type === 'file') checkFile(rest['data'] as Record<string, unknown>, at);
  if (type === 'tool-result') checkOutput(rest['output'] as Record<string, unknown>, at);
};

/** What is no data would be sent as none, and two files would look the same to the cache. */
const checkFile = (data: Record<string, unknown>, at: string): void => {
  const { type } = data;
  if (type === 'data' && (typeof data['data'] === 'string' || isBytes(data['data']))) return;
  if (type === 'url' && typeof data['url'] === 'string') return;
  if (type === 'reference' && typeof data['reference'] === 'object' && data['reference'] !== null) return;
  const wanted = 'data (a Uint8Array, or base64 text), a url (text) or a reference (an object)';
  throw bad(`${at}: the data of a file is of the type data, url or reference and holds ${wanted}.`);
};

const checkOutput = ({ type, value }: Record<string, unknown>, at: string): void => {
  if (type !== 'content') return;
  if (!Array.isArray(value)) throw bad(`${at}.output: the value of content is a list of parts.`);
  for (const [place, part] of value.entries()) checkPart(part, PARTS.user, `${at}.output.value[${place}]`);
};

/** Also those of another realm, which are no instances of this one's class. */
const isBytes = (value: unknown): boolean =>
  ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);
