import { v7 } from 'uuid';
import type { LedgerRecord } from '../ledger/ledger-record.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { createFold } from '../model/fold.js';
import type { FinishEvent, ModelEvent } from '../model/model-event.js';
import type { BatchResult } from '../provider/batch.js';
import { batchPrice, computeCost } from '../provider/price.js';
import type { Registry } from '../provider/registry.js';
import type { RouteCandidate } from '../routing/route-decision.js';
import type { BatchAnswer, BatchJob } from './batches.js';
import type { CallLabels } from './chat-request.js';
import { emptyRecord } from './empty-record.js';
import { servedModelInfo } from './served-model.js';
import { createMeter } from './usage-meter.js';

/** What an answer belongs to. */
export interface AnswerContext {
  readonly registry: Registry;
  readonly job: BatchJob;
  readonly labels: CallLabels;
}

/** Fold one result into a reply, at the batch price, and write its account. */
export const priceAnswer = async (
  result: BatchResult,
  { registry, job, labels }: AnswerContext,
): Promise<{ readonly answer: BatchAnswer; readonly record: LedgerRecord }> => {
  const startedAt = job.createdAt ?? 0;
  const id = await recordId(job.id, result.id, startedAt);
  const requestedModel = 'model' in result ? `${job.provider}:${result.model}` : job.provider;
  const record: LedgerRecord = {
    ...emptyRecord({ id, startedAt, operation: 'batch', requestedModel, labels }),
    groupId: job.id,
    provider: job.provider,
    routeReason: `${job.provider}: a batch, at ${job.priceFactor} of the usual price`,
    latencyMs: null,
  };
  if ('error' in result) return failed(result, record);

  const { provider } = job;
  const route = { provider, model: result.model, reason: record.routeReason ?? '' };
  const fold = createFold();
  const meter = createMeter({ model: result.model, messages: [] });
  let finish: FinishEvent | undefined;
  let servedModel: string | undefined;
  for (const event of result.events) {
    meter.add(event);
    if (event.type === 'response-metadata') servedModel = event.modelId ?? servedModel;
    if (event.type === 'finish') {
      const usage = meter.complete(event.usage);
      const price = servedModelInfo(registry, route, servedModel)?.price;
      finish = { ...event, usage, cost: computeCost(usage, price && batchPrice(price, job.priceFactor)) };
    }
    fold.add(event.type === 'finish' ? (finish ?? event) : withRoute(event, id, route));
  }
  if (finish === undefined) {
    const error = new MillraceError('INTERRUPTED', 'The answer in the batch is not complete.');
    return failed({ id: result.id, error }, record);
  }
  const { usage, cost, finishReason } = finish;
  return {
    answer: { id: result.id, reply: fold.reply() },
    record: {
      ...record,
      finishReason,
      model: result.model,
      servedModel: servedModel ?? null,
      tokensIn: cost?.tokensIn ?? 0,
      tokensOut: cost?.tokensOut ?? 0,
      tokensCacheRead: usage.inputTokens.cacheRead ?? null,
      tokensCacheWrite: usage.inputTokens.cacheWrite ?? null,
      tokensReasoning: usage.outputTokens.reasoning ?? null,
      estimated: usage.estimated,
      costUsd: cost?.costUsd ?? null,
    },
  };
};

const failed = (
  { id, error }: { readonly id: string; readonly error: MillraceError },
  record: LedgerRecord,
): { readonly answer: BatchAnswer; readonly record: LedgerRecord } => ({
  answer: { id, error },
  record: {
    ...record,
    status: error.code === 'CANCELLED' ? 'cancelled' : 'error',
    errorCode: error.code,
  },
});

const withRoute = (event: ModelEvent, callId: string, route: RouteCandidate): ModelEvent =>
  event.type === 'stream-start' ? { ...event, callId, route } : event;

/** Always the same for the same request of the same batch, and in the order of time among other records. */
const recordId = async (batch: string, item: string, createdAt: number): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${batch}\n${item}`));
  return v7({ msecs: createdAt, seq: 0, random: new Uint8Array(digest).subarray(0, 16) });
};
