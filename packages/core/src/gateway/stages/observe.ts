import type { Ledger } from '../../ledger/ledger.js';
import type { LedgerRecord } from '../../ledger/ledger-record.js';
import type { FinishEvent, ModelEvent } from '../../model/model-event.js';
import type { RouteDecision } from '../../routing/route-decision.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Call, CallOutcome, Stage } from '../call.js';
import { createCallId } from '../call-id.js';
import type { Emit } from '../emitter.js';
import { taskOfCall } from '../task-of-call.js';

/** What the observe stage reports to. */
export interface Observers {
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly emit: Emit;
  /** Whether to find out what a call is about that nobody else had to know. */
  readonly classifies: () => boolean;
}

/** Keeps the account of every call: one ledger record and one `call-end` event, whatever happens below. */
export const observeStage =
  (observers: Observers): Stage =>
  (next) =>
  (call) => {
    observe(call, observers);
    return next(call);
  };

const observe = (call: Call, { ledger, logger, emit, classifies }: Observers): void => {
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
      const record = toRecord({
        call,
        id: createCallId(),
        startedAt: attemptStartedAt,
        status: 'retried',
        error,
        attempt,
        finish: undefined,
        servedModel: undefined,
        classifies,
        latencyMs: since(attemptBegun),
        timeToFirstTokenMs: null,
      });
      ledger.record(record);
      const { provider, model } = record;
      logger.info({ callId: call.id, provider, model, code: error.code, delayMs }, 'an attempt failed');
      emit('call-retry', { id: call.id, record, error, delayMs });
      attempt += 1;
      attemptBegun = performance.now() + delayMs;
      attemptStartedAt = Date.now() + Math.round(delayMs);
    },
    end({ status, error }) {
      const record = toRecord({
        call,
        id: call.id,
        startedAt: call.startedAt,
        status,
        error,
        attempt,
        finish,
        servedModel,
        classifies,
        latencyMs: sinceBegun(),
        timeToFirstTokenMs: firstToken ?? null,
      });
      ledger.record(record);
      if (error !== undefined && status !== 'cancelled') {
        const { provider, model } = record;
        logger.warn(
          { callId: call.id, provider, model, code: error.code, error: error.message },
          'a call failed',
        );
      }
      emit('call-end', { record, error });
    },
  });
};

const isOutput = ({ type }: ModelEvent): boolean =>
  type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-delta' || type === 'tool-call';

interface Ending
  extends CallOutcome,
    Pick<LedgerRecord, 'id' | 'startedAt' | 'latencyMs' | 'timeToFirstTokenMs'> {
  readonly attempt: number;
  readonly call: Call;
  readonly finish: FinishEvent | undefined;
  readonly servedModel: string | undefined;
  readonly classifies: () => boolean;
}

// One literal: a record is made for every call, and copies of so many fields are costly.
const toRecord = (ending: Ending): LedgerRecord => {
  const { call, error, finish, servedModel } = ending;
  const { trace, labels } = call;
  const { attempt, cache, assignment, compression } = trace;
  // What was not asked for again used nothing.
  const usage = cache === undefined ? finish?.usage : undefined;
  const cost = finish?.cost ?? trace.partial?.();
  // To find out what a kept answer was about would cost more than the answer does.
  const task = cache === undefined && ending.classifies() ? taskOfCall(call) : trace.task;
  return {
    id: ending.id,
    groupId: call.id,
    attempt: ending.attempt,
    startedAt: ending.startedAt,
    status: ending.status,
    errorCode: error?.code ?? null,
    finishReason: finish?.finishReason ?? null,
    requestedModel: call.request.model,
    provider: attempt?.provider ?? null,
    model: attempt?.model ?? null,
    servedModel: servedModel ?? null,
    routeReason: attempt?.reason ?? null,
    operation: call.operation,
    tokensIn: cost?.tokensIn ?? 0,
    tokensOut: cost?.tokensOut ?? 0,
    tokensCacheRead: usage?.inputTokens.cacheRead ?? null,
    tokensCacheWrite: usage?.inputTokens.cacheWrite ?? null,
    tokensReasoning: usage?.outputTokens.reasoning ?? null,
    cache: cache?.status ?? null,
    savedUsd: cache === undefined ? 0 : cache.savedUsd,
    tokensSaved: cache?.tokensSaved ?? 0,
    estimated: cost?.estimated ?? false,
    // A call that was refused or never sent costs nothing; one of unknown price stays unknown.
    costUsd: cost === undefined ? 0 : cost.costUsd,
    latencyMs: ending.latencyMs,
    timeToFirstTokenMs: ending.timeToFirstTokenMs,
    project: labels.project ?? null,
    user: labels.user ?? null,
    tags: labels.tags ?? null,
    category: task?.category ?? call.routing?.category ?? null,
    complexity: task?.complexity ?? null,
    rating: null,
    experiment: assignment?.experiment ?? null,
    experimentArm: assignment?.arm ?? null,
    budgetLeftUsd: trace.budgetLeftUsd ?? null,
    tokensBeforeCompression: compression?.tokensBefore ?? null,
    tokensAfterCompression: compression?.tokensAfter ?? null,
    compression: compression?.stages ?? null,
    routeMode: modeOf(trace.decision),
    failover: attempt === undefined ? null : attempt.failover === true,
  };
};

const modeOf = (decision: RouteDecision | undefined): string | null => {
  if (decision === undefined) return null;
  return decision.mode ?? (decision.activeProvider === undefined ? 'named' : 'single-model');
};
