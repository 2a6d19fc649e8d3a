import { expectTypeOf, test } from 'vitest';
import type {
  AssistantMessage,
  FilePart,
  Message,
  MessageInput,
  ModelEvent,
  Reply,
  SourcePart,
} from './index.js';
import { ConfigError, type ERROR_CODES, type ErrorCode, MillraceError, ProviderError } from './index.js';

test('isInstance narrows to the class that was asked', () => {
  const error: unknown = undefined;
  if (MillraceError.isInstance(error)) expectTypeOf(error).toEqualTypeOf<MillraceError>();
  if (ProviderError.isInstance(error)) expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>();
  if (ConfigError.isInstance(error)) expectTypeOf(error.line).toEqualTypeOf<number | undefined>();
});

test('the table of codes has every code and no other', () => {
  expectTypeOf<keyof typeof ERROR_CODES>().toEqualTypeOf<ErrorCode>();
});

test('a reply is a message of the next conversation', () => {
  expectTypeOf<Reply['message']>().toEqualTypeOf<AssistantMessage>();
  expectTypeOf<Reply['message']>().toExtend<MessageInput>();
  expectTypeOf<Message>().toExtend<MessageInput>();
});

test('files and sources are events as they are', () => {
  expectTypeOf<Extract<ModelEvent, { type: 'file' }>>().toEqualTypeOf<FilePart>();
  expectTypeOf<Extract<ModelEvent, { type: 'source' }>>().toEqualTypeOf<SourcePart>();
});
