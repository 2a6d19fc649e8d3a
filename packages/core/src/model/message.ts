import type { JsonValue } from './json.js';
import type { ProviderMetadata } from './provider-metadata.js';

/** Plain text. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** The model declined to answer and this is what it said instead. Only in assistant messages. */
  readonly refusal?: true | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** The bytes of a file, where to find them, or a vendor's own reference to an earlier upload. */
export type FileData =
  /** Bytes, or base64 text without a `data:` prefix. */
  | { readonly type: 'data'; readonly data: Uint8Array | string }
  /** An absolute `http:` or `https:` URL that the vendor fetches by itself. */
  | { readonly type: 'url'; readonly url: string }
  /** The file's id at each provider that has it. */
  | { readonly type: 'reference'; readonly reference: Readonly<Record<string, string>> };

/** An image, a document, audio or any other file. */
export interface FilePart {
  readonly type: 'file';
  /** IANA media type. A wildcard subtype (`image/*`) is allowed where the exact one is not known. */
  readonly mediaType: string;
  readonly data: FileData;
  readonly filename?: string | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** What the model thought before it answered. A signature, where the vendor has one, is in the metadata. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** The model asks for a tool to be run. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly toolCallId: string;
  readonly toolName: string;
  /** The arguments, parsed. The raw text where the model wrote no valid JSON (see `invalid`). */
  readonly input: unknown;
  /** The arguments exactly as the model wrote them, so that a resent history stays byte-identical. */
  readonly inputText?: string | undefined;
  /** The arguments are not valid JSON. */
  readonly invalid?: true | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** What running a tool gave. */
export type ToolResultOutput =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'json'; readonly value: JsonValue }
  | { readonly type: 'error-text'; readonly value: string }
  | { readonly type: 'error-json'; readonly value: JsonValue }
  | { readonly type: 'execution-denied'; readonly reason?: string | undefined }
  | { readonly type: 'content'; readonly value: readonly (TextPart | FilePart)[] };

/** The result of one tool call, matched to it by `toolCallId`. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly output: ToolResultOutput;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** Where a statement of the model comes from. */
export interface SourcePart {
  readonly type: 'source';
  readonly id: string;
  readonly url: string;
  readonly title?: string | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** A part that a user message may hold. */
export type UserPart = TextPart | FilePart;
/** A part that an assistant message may hold. */
export type AssistantPart = TextPart | ReasoningPart | FilePart | ToolCallPart | SourcePart;

/** Instructions to the model. */
export interface SystemMessage {
  readonly role: 'system';
  readonly content: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** What the person said. */
export interface UserMessage {
  readonly role: 'user';
  readonly content: readonly UserPart[];
  /** A name that tells people of the same role apart, where the vendor supports one. */
  readonly name?: string | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** What the model said. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly AssistantPart[];
  readonly name?: string | undefined;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** The results of the tool calls of the assistant message before it. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly content: readonly ToolResultPart[];
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** One turn of a conversation, as stages and providers see it. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** One turn of a conversation, as a caller may write it: a string stands for one text part. */
export type MessageInput =
  | Message
  | { readonly role: 'user'; readonly content: string; readonly name?: string | undefined }
  | { readonly role: 'assistant'; readonly content: string; readonly name?: string | undefined };
