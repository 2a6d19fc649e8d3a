// What every way of sending a request takes and gives.

/** A request that is ready to go. */
export interface Outgoing {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/** The answer to it, its body still unread. */
export interface Answer {
  readonly status: number;
  header(name: string): string | null;
  /** Read it, or leave the iteration early to let go of the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  /** Let go of the connection, also while the body is being read. */
  cancel(): void;
}

/** Sends a request. */
export type Send = (outgoing: Outgoing) => Promise<Answer>;
