// What we read of the program's lines. Every field may be missing or of another type.

/** Any line. */
export interface WireLine {
  readonly type?: unknown;
  readonly subtype?: unknown;
  /** Set on what a sub-agent says. */
  readonly parent_tool_use_id?: unknown;
  readonly event?: unknown;
  readonly message?: unknown;
  /** On an `assistant` line that stands for a failed request. */
  readonly is_api_error_message?: unknown;
  readonly error?: unknown;
}

/** An event of Anthropic's Messages API, as the program passes it on. */
export interface WireEvent {
  readonly type?: unknown;
  readonly index?: unknown;
  readonly message?: unknown;
  readonly content_block?: unknown;
  readonly delta?: unknown;
}

/** A message of Anthropic's Messages API. */
export interface WireMessage {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly content?: unknown;
}

/** The line that ends an answer. */
export interface WireResult {
  readonly type?: unknown;
  readonly subtype?: unknown;
  readonly is_error?: unknown;
  readonly result?: unknown;
  readonly errors?: unknown;
  readonly structured_output?: unknown;
  readonly stop_reason?: unknown;
  readonly num_turns?: unknown;
  readonly api_error_status?: unknown;
  readonly api_error_type?: unknown;
  readonly total_cost_usd?: unknown;
  readonly usage?: unknown;
  readonly modelUsage?: unknown;
  readonly permission_denials?: unknown;
}
