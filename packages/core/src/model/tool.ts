import type { JsonSchema } from './json.js';
import type { ProviderOptions } from './provider-metadata.js';

/** A function that the model may ask to have called. */
export interface FunctionTool {
  readonly type: 'function';
  /** Unique in a request; letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments; its root is an object. */
  readonly inputSchema: JsonSchema;
  /** Ask the vendor to hold the model to the schema, where it can. */
  readonly strict?: boolean | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
}

/** Whether and which tool the model must call. */
export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  | { readonly type: 'tool'; readonly toolName: string };
