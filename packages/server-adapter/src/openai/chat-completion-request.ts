/** Fields beyond those that are named here are allowed and kept. */
interface Open {
  readonly [key: string]: unknown;
}

/** `{ "type": "text" }` */
export interface TextContent extends Open {
  readonly type: 'text';
  readonly text: string;
}

/** `{ "type": "image_url" }`; some clients write the URL without the object around it. */
export interface ImageContent extends Open {
  readonly type: 'image_url';
  readonly image_url: string | (Open & { readonly url: string });
}

/** `{ "type": "input_audio" }` */
export interface AudioContent extends Open {
  readonly type: 'input_audio';
  readonly input_audio: Open & { readonly data: string; readonly format: string };
}

/** `{ "type": "file" }` */
export interface FileContent extends Open {
  readonly type: 'file';
  readonly file: Open & {
    readonly file_data?: string | null | undefined;
    readonly file_id?: string | null | undefined;
    readonly filename?: string | null | undefined;
  };
}

/** `{ "type": "refusal" }`, in assistant messages. */
interface RefusalContent extends Open {
  readonly type: 'refusal';
  readonly refusal: string;
}

/** A part of a user message, or of a tool's result. */
export type UserContent = TextContent | ImageContent | AudioContent | FileContent;

/** A tool call in the history. */
export interface ToolCallInput extends Open {
  readonly id: string;
  readonly type?: 'function' | null | undefined;
  readonly function: Open & { readonly name: string; readonly arguments: string };
}

interface Named extends Open {
  readonly name?: string | null | undefined;
}

/** `system` and `developer` messages. */
export interface InstructionMessage extends Named {
  readonly role: 'system' | 'developer';
  readonly content: string | readonly TextContent[];
}

/** What the person said. */
export interface UserMessageInput extends Named {
  readonly role: 'user';
  readonly content: string | readonly UserContent[];
}

/** What the model said. */
export interface AssistantMessageInput extends Named {
  readonly role: 'assistant';
  readonly content?: string | readonly (TextContent | RefusalContent)[] | null | undefined;
  readonly refusal?: string | null | undefined;
  readonly reasoning_content?: string | null | undefined;
  readonly reasoning?: string | null | undefined;
  readonly tool_calls?: readonly ToolCallInput[] | null | undefined;
}

/** What a tool gave. */
export interface ToolMessageInput extends Open {
  readonly role: 'tool';
  readonly tool_call_id: string;
  readonly content: string | readonly UserContent[];
}

/** A message as OpenAI's clients write it. */
export type ChatCompletionMessage =
  | InstructionMessage
  | UserMessageInput
  | AssistantMessageInput
  | ToolMessageInput;

/** A tool as OpenAI's clients write it. */
export interface ChatCompletionTool extends Open {
  readonly type: 'function';
  readonly function: Open & {
    readonly name: string;
    readonly description?: string | null | undefined;
    readonly parameters?: Readonly<Record<string, unknown>> | null | undefined;
    readonly strict?: boolean | null | undefined;
  };
}

/** A tool named by `tool_choice`. */
interface NamedToolChoice extends Open {
  readonly type: 'function';
  readonly function: Open & { readonly name: string };
}

/** `tool_choice` in all its forms. */
type ChatCompletionToolChoice =
  | 'auto'
  | 'none'
  | 'required'
  | NamedToolChoice
  | (Open & {
      readonly type: 'allowed_tools';
      readonly allowed_tools: Open & {
        readonly mode: 'auto' | 'required';
        readonly tools: readonly NamedToolChoice[];
      };
    });

/** `response_format` in all its forms. */
export type ChatCompletionResponseFormat =
  | (Open & { readonly type: 'text' })
  | (Open & { readonly type: 'json_object' })
  | (Open & {
      readonly type: 'json_schema';
      readonly json_schema: Open & {
        readonly name?: string | null | undefined;
        readonly description?: string | null | undefined;
        readonly schema?: Readonly<Record<string, unknown>> | null | undefined;
        readonly strict?: boolean | null | undefined;
      };
    });

/** The body of `POST /v1/chat/completions`, checked. `null` means that a field is not set. */
export interface ChatCompletionRequest extends Open {
  readonly model?: string | null | undefined;
  readonly messages: readonly ChatCompletionMessage[];
  readonly stream?: boolean | null | undefined;
  readonly stream_options?:
    | (Open & { readonly include_usage?: boolean | null | undefined })
    | null
    | undefined;
  readonly tools?: readonly ChatCompletionTool[] | null | undefined;
  readonly tool_choice?: ChatCompletionToolChoice | null | undefined;
  readonly parallel_tool_calls?: boolean | null | undefined;
  readonly response_format?: ChatCompletionResponseFormat | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly seed?: number | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly top_k?: number | null | undefined;
  readonly presence_penalty?: number | null | undefined;
  readonly frequency_penalty?: number | null | undefined;
  readonly reasoning_effort?:
    | 'none'
    | 'minimal'
    | 'low'
    | 'medium'
    | 'high'
    | 'xhigh'
    | 'max'
    | null
    | undefined;
  readonly user?: string | null | undefined;
  readonly n?: number | null | undefined;
}
