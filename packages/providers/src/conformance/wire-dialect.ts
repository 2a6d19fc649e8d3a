import type { SceneAnswer, SceneError } from './scene.js';

/** A request that reached the upstream. */
export interface UpstreamRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it came. */
  readonly text: string;
  /** The body, where it is JSON; else undefined. */
  readonly json: unknown;
}

/** An answer in one piece. */
export interface WireBody {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How an API says things on its wire. Everything that the suite plays is made of this. */
export interface WireDialect {
  readonly name: string;
  /** What stands behind the server's address in the base URL of a provider, such as `/v1`. Default: nothing. */
  readonly basePath?: string;
  /** The media type of a stream. */
  readonly streamType: string;
  /** Whether a request asks for a stream. */
  wantsStream(request: UpstreamRequest): boolean;
  /** A whole answer. */
  whole(answer: SceneAnswer): WireBody;
  /** The pieces of a stream; the last says that the answer is complete. */
  pieces(answer: SceneAnswer): readonly string[];
  /** A refusal. */
  refusal(error: SceneError, message: string): WireBody;
  /** A failure inside a stream; absent where the API has no way to say it. */
  errorPiece?(error: SceneError, message: string): string;
  /** Something in the form of a piece that cannot be understood. Default: a piece of broken JSON. */
  readonly malformedPiece: string;
  /** Answers requests that are not for an answer of a model: lists of models, counts, vectors. `undefined` for others. */
  side?(request: UpstreamRequest): WireBody | undefined;
  /** What the API can express. Cases that need more are left out. */
  readonly has: {
    readonly reasoning: boolean;
    /** Answers name the model that made them. */
    readonly modelName: boolean;
    readonly parallelCalls: boolean;
    /** Arguments of a call are text on the wire, so that they may be no JSON. */
    readonly brokenArguments: boolean;
    readonly contentFilter: boolean;
    readonly cachedTokens: boolean;
    readonly reasoningTokens: boolean;
    readonly images: boolean;
    /** A tool may be called without arguments. */
    readonly noArguments: boolean;
  };
}

/** A server-sent event. */
export const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** A JSON body. */
export const jsonBody = (value: unknown, status = 200): WireBody => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
