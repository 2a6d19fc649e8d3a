/** A call of a tool, as a vendor's model makes it. */
export interface SceneCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: JSON text, mostly. */
  readonly input: string;
}

/** What a vendor's model answers, in no vendor's words. */
export interface SceneAnswer {
  /** The pieces in which a stream brings the text. */
  readonly text?: readonly string[];
  readonly reasoning?: string;
  readonly calls?: readonly SceneCall[];
  readonly finish: 'stop' | 'length' | 'tool-calls' | 'content-filter';
  readonly usage: {
    /** All of the input, cached tokens included. */
    readonly input: number;
    /** All of the output, reasoning included. */
    readonly output: number;
    readonly cacheRead?: number;
    readonly reasoning?: number;
  };
  /** The model that the vendor says has answered. */
  readonly model: string;
}

/** A kind of failure that every vendor has a way to tell of. */
export type SceneError =
  | 'authentication'
  | 'permission'
  | 'not-found'
  | 'rate-limit'
  | 'context-length'
  | 'server'
  | 'overloaded';

/** What goes wrong on the way. Counts are of the pieces that are sent before. */
export type SceneFault =
  /** The vendor refuses the request. */
  | {
      readonly type: 'refused';
      readonly error: SceneError;
      readonly retryAfterSeconds?: number;
      readonly says?: string;
    }
  /** The connection breaks. */
  | { readonly type: 'cut'; readonly after: number }
  /** The answer ends as if it were complete, but it is not. */
  | { readonly type: 'truncated'; readonly after: number }
  /** Nothing comes any more, and the connection stays open. */
  | { readonly type: 'stalled'; readonly after: number }
  /** The vendor reports a failure inside an answer that began well. */
  | { readonly type: 'error-inside'; readonly after: number; readonly error: SceneError }
  /** Something that nobody can read. */
  | { readonly type: 'malformed'; readonly after: number }
  /** A page of HTML with status 200, as a proxy sends it. */
  | { readonly type: 'web-page' }
  /** Written in portions of so many bytes, each on its own. */
  | { readonly type: 'portions'; readonly bytes: number }
  /** Everything at once. */
  | { readonly type: 'burst' }
  /** A pause before each piece. */
  | { readonly type: 'slow'; readonly ms: number };

/** One way in which a vendor behaves. */
export interface Scene {
  readonly answer: SceneAnswer;
  readonly fault?: SceneFault | undefined;
}

/** A short answer of text, on which scenes are built. */
export const TEXT_ANSWER: SceneAnswer = {
  text: ['The ', 'Aare ', 'flows.'],
  finish: 'stop',
  usage: { input: 12, output: 7 },
  model: 'conformance-model',
};
