import type { JsonObject } from '@millrace/core/model';

/** An item that is still growing, by its place in the answer: its id may change from event to event. */
export interface OpenItem {
  readonly type: string;
  id: string | undefined;
  /** The block that is open. */
  block: { readonly type: 'text' | 'reasoning'; readonly id: string; refusal: boolean } | undefined;
  /** What was shown of it already, for items that repeat themselves when they are done. */
  shown: string;
  readonly call: { readonly id: string; readonly name: string; readonly hidden: boolean } | undefined;
  readonly commentary: boolean;
  readonly phase: string | undefined;
  readonly annotations: JsonObject[];
}
