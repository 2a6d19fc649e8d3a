// What is read of the endpoint; everything may be missing or of another type.

/** One item of an answer. */
export interface WireItem {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly [field: string]: unknown;
}

/** A whole answer. */
export interface WireResponse {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly created_at?: unknown;
  readonly status?: unknown;
  readonly error?: unknown;
  readonly incomplete_details?: unknown;
  readonly output?: unknown;
  readonly usage?: unknown;
  readonly service_tier?: unknown;
  /** Of the other endpoint; an answer that has them was sent by a server without this one. */
  readonly choices?: unknown;
  readonly object?: unknown;
}

/** One event of a stream. */
export interface WireEvent extends WireResponse {
  readonly type?: unknown;
  readonly response?: unknown;
  readonly item?: unknown;
  readonly part?: unknown;
  readonly output_index?: unknown;
  readonly summary_index?: unknown;
  readonly delta?: unknown;
  readonly annotation?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}
