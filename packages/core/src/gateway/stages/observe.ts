import type { Ledger } from '../../ledger/ledger.js';
import type { LedgerRecord } from '../../ledger/ledger-record.js';
import type { FinishEvent, ModelEvent } from '../../model/model-event.js';
import type { RouteCandidate } from '../../routing/route-decision.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Call, CallOutcome, Stage } from '../call.js';
import { createCallId } from '../call-id.js';
import type { Emit } from '../emitter.js';
import { emptyRecord } from '../empty-record.js';
import { taskOfCall } from '../task-of-call.js';

/** What the observe stage reports to. */
export interface Observers {
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly emit: Emit;
}

/** Keeps the account of every call: one ledger record and one `call-end` event, whatever happens below. */
export const observeStage =
  (observers: Observers): Stage =>
  (next) =>
  (call) => {
    observe(call, observers);
    return next(call);
  };

const observe = (call: Call, { ledger, logger, emit }: Observers): void => {
  const begun = performance.now();
  let servedModel: string | undefined;
  let firstToken: number | undefined;
  let finish: FinishEvent | undefined;
  let attempt = 1;
  let attemptBegun = begun;
  let attemptStartedAt = call.startedAt;
  emit('call-start', {
    id: call.id,
    operation: call.operation,
    requestedModel: call.request.model,
    labels: call.labels,
  });

  const since = (start: number): number => Math.round((performance.now() - start) * 1000) / 1000;
  const sinceBegun = (): number => since(begun);

  call.watch({
    event(event) {
      if (event.type === 'finish') finish = event;
      else if (event.type === 'response-metadata') servedModel = event.modelId ?? servedModel;
      else if (firstToken === undefined && isOutput(event)) {
        firstToken = sinceBegun();
        emit('call-first-token', { id: call.id, timeToFirstTokenMs: firstToken });
      }
    },
    retry({ error, delayMs }) {
      const record: LedgerRecord = {
        ...toRecord({ call, status: 'retried', error, attempt, finish: undefined, servedModel: undefined }),
        id: createCallId(),
        startedAt: attemptStartedAt,
        latencyMs: since(attemptBegun),
        timeToFirstTokenMs: null,
      };
      ledger.record(record);
      const { provider, model } = record;
      logger.info({ callId: call.id, provider, model, code: error.code, delayMs }, 'an attempt failed');
      emit('call-retry', { id: call.id, record, error, delayMs });
      attempt += 1;
      attemptBegun = performance.now() + delayMs;
      attemptStartedAt = Date.now() + Math.round(delayMs);
    },
    end({ status, error }) {
      const record = toRecord({ call, status, error, attempt, finish, servedModel });
      const timed: LedgerRecord = {
        ...record,
        latencyMs: sinceBegun(),
        timeToFirstTokenMs: firstToken ?? null,
      };
      ledger.record(timed);
      if (error !== undefined && status !== 'cancelled') {
        const { provider, model } = timed;
        logger.warn(
          { callId: call.id, provider, model, code: error.code, error: error.message },
          'a call failed',
        );
      }
      emit('call-end', { record: timed, error });
    },
  });
};

/** What was decided and found out of the call. */
const routingColumns = (call: Call, attempt: RouteCandidate | undefined): Partial<LedgerRecord> => {
  const { decision, cache, assignment, budgetLeftUsd, compression } = call.trace;
  // To find out what a kept answer was about would cost more than the answer does.
  const task = cache === undefined ? taskOfCall(call) : call.trace.task;
  return {
    category: task?.category ?? null,
    complexity: task?.complexity ?? null,
    experiment: assignment?.experiment ?? null,
    experimentArm: assignment?.arm ?? null,
    budgetLeftUsd: budgetLeftUsd ?? null,
    tokensBeforeCompression: compression?.tokensBefore ?? null,
    tokensAfterCompression: compression?.tokensAfter ?? null,
    compression: compression?.stages ?? null,
    routeMode:
      decision === undefined
        ? null
        : (decision.mode ?? (decision.activeProvider === undefined ? 'named' : 'single-model')),
    failover: attempt === undefined ? null : attempt.failover === true,
  };
};

const isOutput = ({ type }: ModelEvent): boolean =>
  type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-delta' || type === 'tool-call';

interface Ending extends CallOutcome {
  readonly attempt: number;
  readonly call: Call;
  readonly finish: FinishEvent | undefined;
  readonly servedModel: string | undefined;
}

const toRecord = ({ call, status, error, attempt: number, finish, servedModel }: Ending): LedgerRecord => {
  const { attempt } = call.trace;
  // What was not asked for again used nothing.
  const usage = call.trace.cache === undefined ? finish?.usage : undefined;
  const cost = finish?.cost ?? call.trace.partial?.();
  const { cache } = call.trace;
  return {
    ...emptyRecord({
      id: call.id,
      startedAt: call.startedAt,
      operation: call.operation,
      requestedModel: call.request.model,
      labels: call.labels,
    }),
    attempt: number,
    status,
    errorCode: error?.code ?? null,
    finishReason: finish?.finishReason ?? null,
    provider: attempt?.provider ?? null,
    model: attempt?.model ?? null,
    servedModel: servedModel ?? null,
    routeReason: attempt?.reason ?? null,
    tokensIn: cost?.tokensIn ?? 0,
    tokensOut: cost?.tokensOut ?? 0,
    cache: cache?.status ?? null,
    savedUsd: cache === undefined ? 0 : cache.savedUsd,
    tokensSaved: cache?.tokensSaved ?? 0,
    tokensCacheRead: usage?.inputTokens.cacheRead ?? null,
    tokensCacheWrite: usage?.inputTokens.cacheWrite ?? null,
    tokensReasoning: usage?.outputTokens.reasoning ?? null,
    estimated: cost?.estimated ?? false,
    // A call that was refused or never sent costs nothing; one of unknown price stays unknown.
    costUsd: cost === undefined ? 0 : cost.costUsd,
    ...routingColumns(call, attempt),
  };
};
