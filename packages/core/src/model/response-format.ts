import type { JsonSchema } from './json.js';

/** The form of the answer: free text, any JSON object, or JSON that fits a schema. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | {
      readonly type: 'json';
      readonly schema?: JsonSchema | undefined;
      readonly name?: string | undefined;
      readonly description?: string | undefined;
      readonly strict?: boolean | undefined;
    };
