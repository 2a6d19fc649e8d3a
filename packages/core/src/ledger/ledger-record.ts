import type { ErrorCode } from '../model/errors/error-code.js';
import type { FinishReason } from '../model/finish-reason.js';

/** How a call ended. */
export type CallStatus =
  /** A complete answer reached the caller. */
  | 'success'
  /** It failed; `errorCode` says how. */
  | 'error'
  /** The caller cancelled it. */
  | 'cancelled'
  /** The answer broke off after it had begun. */
  | 'interrupted'
  /** An attempt that failed before any output and was followed by another one; no call of its own. */
  | 'retried';

/** The method of the gateway that was called. */
export type Operation = 'chat' | 'stream' | 'embed' | 'batch';

/** The account of one call. Written for every call, whatever happened; holds no key and no prompt. */
export interface LedgerRecord {
  /** The call's id; ids sort by time. */
  readonly id: string;
  /** The id of the call's last attempt, the same in the records of all its attempts; for a batch, the batch's id. */
  readonly groupId: string | null;
  /** 1 for the first attempt of a call. */
  readonly attempt: number | null;
  /** When the call began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly status: CallStatus;
  readonly errorCode: ErrorCode | null;
  readonly finishReason: FinishReason | null;
  /** The model as the caller named it. */
  readonly requestedModel: string;
  /** Null when the call failed before a provider was chosen. */
  readonly provider: string | null;
  /** The model that was asked. */
  readonly model: string | null;
  /** The model that answered, by the vendor's word; the price is of this one. */
  readonly servedModel: string | null;
  readonly routeReason: string | null;
  readonly operation: Operation;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly tokensCacheRead: number | null;
  readonly tokensCacheWrite: number | null;
  readonly tokensReasoning: number | null;
  /** `hit`: an answer that was kept. `joined`: one that another call had asked for. Both used and cost nothing. */
  readonly cache: 'hit' | 'joined' | null;
  /** US dollars that the answer would have cost; null where that is not known, or in records from before. */
  readonly savedUsd: number | null;
  /** Tokens that were not used, thanks to the cache. */
  readonly tokensSaved: number | null;
  /** The token counts are an estimate. */
  readonly estimated: boolean;
  /** US dollars; null where the price is not known. */
  readonly costUsd: number | null;
  /** From the call to its end, in milliseconds; null for a request of a batch. */
  readonly latencyMs: number | null;
  /** From the call to the first piece of output, in milliseconds. */
  readonly timeToFirstTokenMs: number | null;
  readonly project: string | null;
  readonly user: string | null;
  readonly tags: readonly string[] | null;
  // Null in all of these: not known, or written before there was such a field.
  /** What kind of task it was. */
  readonly category: string | null;
  /** How hard the task was judged to be: a whole number on the host's scale. */
  readonly complexity: number | null;
  /** The latest verdict on the answer, on the host's scale. */
  readonly rating: number | null;
  readonly experiment: string | null;
  readonly experimentArm: string | null;
  /** US dollars that the tightest budget had left. */
  readonly budgetLeftUsd: number | null;
  readonly tokensBeforeCompression: number | null;
  readonly tokensAfterCompression: number | null;
  /** Tokens that each stage of the compressor saved. */
  readonly compression: Readonly<Record<string, number>> | null;
  /** The routing mode that chose the model. */
  readonly routeMode: string | null;
  /** Whether another model answered than the one that was chosen first. */
  readonly failover: boolean | null;
}
