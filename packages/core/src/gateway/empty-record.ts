import type { LedgerRecord, Operation } from '../ledger/ledger-record.js';
import type { CallLabels } from './chat-request.js';

/** What is known of a call when it begins. */
export interface BegunCall {
  readonly id: string;
  readonly startedAt: number;
  readonly operation: Operation;
  readonly requestedModel: string;
  readonly labels: CallLabels;
}

/** A record of a call of which nothing is known yet but how it began. */
export const emptyRecord = ({
  id,
  startedAt,
  operation,
  requestedModel,
  labels,
}: BegunCall): LedgerRecord => ({
  id,
  groupId: id,
  attempt: 1,
  startedAt,
  status: 'success',
  errorCode: null,
  finishReason: null,
  requestedModel,
  provider: null,
  model: null,
  servedModel: null,
  routeReason: null,
  operation,
  tokensIn: 0,
  tokensOut: 0,
  tokensCacheRead: null,
  tokensCacheWrite: null,
  tokensReasoning: null,
  estimated: false,
  cache: null,
  savedUsd: 0,
  tokensSaved: 0,
  costUsd: 0,
  latencyMs: 0,
  timeToFirstTokenMs: null,
  project: labels.project ?? null,
  user: labels.user ?? null,
  tags: labels.tags ?? null,
  category: null,
  complexity: null,
  rating: null,
  experiment: null,
  experimentArm: null,
  budgetLeftUsd: null,
  tokensBeforeCompression: null,
  tokensAfterCompression: null,
  compression: null,
  routeMode: null,
  failover: null,
});
