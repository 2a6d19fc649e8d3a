import type { BudgetStatus } from '../budget/budget-status.js';
import type { LedgerRecord, Operation } from '../ledger/ledger-record.js';
import type { MillraceError } from '../model/errors/millrace-error.js';
import type { SuccessVerdict } from '../routing/evaluate/evidence.js';
import type { RouteDecision } from '../routing/route-decision.js';
import type { CallLabels } from './chat-request.js';

/** What a gateway tells its listeners, by name. None holds a key or a prompt. */
export interface GatewayEvents {
  'call-start': {
    readonly id: string;
    readonly operation: Operation;
    readonly requestedModel: string;
    readonly labels: CallLabels;
  };
  'call-route': { readonly id: string; readonly decision: RouteDecision };
  /** An attempt failed before any output, and another one follows after a pause. `record` is what the ledger keeps of it. */
  'call-retry': {
    readonly id: string;
    readonly record: LedgerRecord;
    readonly error: MillraceError;
    /** Milliseconds. */
    readonly delayMs: number;
  };
  /** The first piece of output has reached the caller. */
  'call-first-token': { readonly id: string; readonly timeToFirstTokenMs: number };
  /** A budget has reached its `warnAt`; told once a window. `id` is the call that brought it there. */
  'budget-warning': { readonly id: string; readonly budget: BudgetStatus };
  /** A call was refused by a budget. */
  'budget-exceeded': { readonly id: string; readonly error: MillraceError };
  /** Somebody said something of an answer. */
  'call-feedback': {
    readonly id: string;
    /** 1 to 5; null when there was no rating. */
    readonly rating: number | null;
    readonly verdict: SuccessVerdict;
  };
  /** Whatever happened; `record` is what the ledger keeps. */
  'call-end': { readonly record: LedgerRecord; readonly error?: MillraceError | undefined };
}
