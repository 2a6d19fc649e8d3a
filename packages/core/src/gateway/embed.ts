import { worstCaseOfTexts } from '../budget/worst-case.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerRecord } from '../ledger/ledger-record.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { UNKNOWN_USAGE } from '../model/usage.js';
import type { EmbeddingReply } from '../provider/embedding.js';
import { computeCost } from '../provider/price.js';
import type { Registry } from '../provider/registry.js';
import { routeEmbedding } from '../routing/embedding-route.js';
import type { RouteCandidate } from '../routing/route-decision.js';
import type { Logger } from '../telemetry/logger.js';
import { estimateTextTokens } from '../tokens/estimate-tokens.js';
import { createCallId } from './call-id.js';
import { labelsOf } from './call-labels.js';
import type { CallProvider } from './call-provider.js';
import type { CallLabels, TimeLimits } from './chat-request.js';
import { checkRetry, checkTimeLimits } from './check-settings.js';
import type { EmbedReply, EmbedRequest } from './embed-request.js';
import type { Emit } from './emitter.js';
import { emptyRecord } from './empty-record.js';
import { type FailedAttempt, type RetryOptions, retryPolicy } from './retry-policy.js';
import type { Spender, SpendingHold } from './spend.js';
import { budgetLease, leaseMsOf } from './stages/budget.js';
import { totalLimit } from './total-limit.js';

/** What an embedding call works with. */
export interface EmbedOptions {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly emit: Emit;
  readonly callProvider: CallProvider;
  readonly timeLimits: TimeLimits | undefined;
  readonly retry: RetryOptions | undefined;
  readonly spender: Spender | undefined;
}

/** Turns texts into vectors, and accounts for it. */
export const createEmbed =
  (options: EmbedOptions) =>
  async (request: EmbedRequest): Promise<EmbedReply> => {
    checkRequest(request);
    const { registry, emit } = options;
    const labels = labelsOf(request);
    const id = createCallId();
    const begun = performance.now();
    const account = createAccount(options, { id, begun, request, labels });
    let hold: SpendingHold | undefined;
    emit('call-start', { id, operation: 'embed', requestedModel: request.model, labels });
    try {
      const route = routeEmbedding(registry, request.model);
      account.routed(route);
      const { model, values, dimensions, purpose, providerOptions, headers } = { ...request, ...route };
      const limitMs = totalLimit(request.timeLimits, options.timeLimits);
      const reserving = options.spender?.reserve({
        id,
        labels,
        worst: worstCaseOfTexts(values, route.info),
        whom: `${route.provider}:${model}`,
        leaseId: budgetLease(id, 1),
        leaseMs: leaseMsOf(limitMs),
        signal: request.signal,
      });
      if (reserving !== undefined) {
        hold = await reserving;
        account.held(hold?.leftUsd);
      }
      const asked = { model, values, dimensions, purpose, providerOptions, headers };
      const reply = await options.callProvider<EmbeddingReply>({
        provider: route.provider,
        signal: request.signal,
        limitMs,
        retry: retryPolicy(request.retry, options.retry),
        onRetry: account.retried,
        run(provider, context) {
          if (provider.embed === undefined)
            throw new MillraceError('BAD_REQUEST', `${provider.label} has no embeddings.`);
          return provider.embed(asked, context);
        },
      });
      const { embeddings, modelId, warnings } = reply;
      const cost = costOf(reply, values, route);
      const { tokensIn, costUsd, estimated } = cost;
      hold?.settle(costUsd);
      account.ended({ status: 'success', servedModel: modelId, tokensIn, costUsd, estimated });
      const { provider, reason } = route;
      return { id, embeddings, cost, warnings, modelId, route: { provider, model, reason } };
    } catch (error) {
      const known = MillraceError.isInstance(error) ? error : undefined;
      const cancelled = known?.code === 'CANCELLED';
      // As the ledger has it: a call that gave no vectors cost nothing.
      hold?.release();
      account.ended({ status: cancelled ? 'cancelled' : 'error', errorCode: known?.code ?? null }, known);
      throw error;
    }
  };

interface Begun {
  readonly id: string;
  readonly begun: number;
  readonly request: EmbedRequest;
  readonly labels: CallLabels;
}

/** Writes the records of one call and of its failed attempts. */
const createAccount = ({ ledger, logger, emit }: EmbedOptions, { id, begun, request, labels }: Begun) => {
  let record: LedgerRecord = emptyRecord({
    id,
    startedAt: Date.now(),
    operation: 'embed',
    requestedModel: request.model,
    labels,
  });
  let attempt = 1;
  const latencyMs = (): number => Math.round((performance.now() - begun) * 1000) / 1000;
  return {
    routed({ provider, model, reason }: RouteCandidate): void {
      record = { ...record, provider, model, routeReason: reason };
    },
    held(leftUsd: number | undefined): void {
      record = { ...record, budgetLeftUsd: leftUsd ?? null };
    },
    retried({ error, delayMs }: FailedAttempt): void {
      const failed: LedgerRecord = {
        ...record,
        id: createCallId(),
        attempt: attempt++,
        status: 'retried',
        errorCode: error.code,
        latencyMs: latencyMs(),
      };
      ledger.record(failed);
      emit('call-retry', { id, record: failed, error, delayMs });
    },
    ended(outcome: Partial<LedgerRecord>, error?: MillraceError): void {
      const ended: LedgerRecord = { ...record, attempt, ...outcome, latencyMs: latencyMs() };
      ledger.record(ended);
      if (error !== undefined && error.code !== 'CANCELLED') {
        const { provider, model } = ended;
        logger.warn({ callId: id, provider, model, code: error.code, error: error.message }, 'a call failed');
      }
      emit('call-end', { record: ended, error });
    },
  };
};

const costOf = ({ tokensIn }: EmbeddingReply, values: readonly string[], { info }: RouteCandidate) => {
  const total = tokensIn ?? values.reduce((sum, value) => sum + estimateTextTokens(value), 0);
  const usage = {
    inputTokens: { ...UNKNOWN_USAGE.inputTokens, total },
    outputTokens: { ...UNKNOWN_USAGE.outputTokens, total: 0 },
    estimated: tokensIn === undefined,
  };
  return computeCost(usage, info?.price);
};

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

const checkRequest = (request: EmbedRequest): void => {
  if (typeof request !== 'object' || request === null)
    throw bad(
      'A request is an object, such as { model: "openai:text-embedding-3-small", values: ["Hello"] }.',
    );
  const { model, values, dimensions, purpose, signal } = request;
  if (typeof model !== 'string' || model.trim() === '')
    throw bad('`model` must name an embedding model, such as "openai:text-embedding-3-small".');
  if (!Array.isArray(values) || values.length === 0) throw bad('`values` must hold at least one text.');
  const index = values.findIndex((value) => typeof value !== 'string' || value === '');
  if (index >= 0) throw bad(`\`values[${index}]\` must be text and not empty.`);
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && dimensions > 0))
    throw bad('`dimensions` must be a whole number of at least 1.');
  if (purpose !== undefined && purpose !== 'query' && purpose !== 'document')
    throw bad('`purpose` must be "query" or "document".');
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw bad('`signal` must be an AbortSignal.');
  checkTimeLimits(request.timeLimits, 'BAD_REQUEST');
  checkRetry(request.retry, 'BAD_REQUEST');
};
