import type { Ledger } from '../../ledger/ledger.js';
import type { LedgerRecord } from '../../ledger/ledger-record.js';
import type { FinishEvent, ModelEvent } from '../../model/model-event.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Call, CallOutcome, Stage } from '../call.js';
import type { Emit } from '../emitter.js';

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
  emit('call-start', {
    id: call.id,
    operation: call.operation,
    requestedModel: call.request.model,
    labels: call.labels,
  });

  const sinceBegun = (): number => Math.round((performance.now() - begun) * 1000) / 1000;

  call.watch({
    event(event) {
      if (event.type === 'finish') finish = event;
      else if (event.type === 'response-metadata') servedModel = event.modelId ?? servedModel;
      else if (firstToken === undefined && isOutput(event)) {
        firstToken = sinceBegun();
        emit('call-first-token', { id: call.id, timeToFirstTokenMs: firstToken });
      }
    },
    end({ status, error }) {
      const record = toRecord({ call, status, error, finish, servedModel });
      const timed = { ...record, latencyMs: sinceBegun(), timeToFirstTokenMs: firstToken ?? null };
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

const isOutput = ({ type }: ModelEvent): boolean =>
  type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-delta' || type === 'tool-call';

interface Ending extends CallOutcome {
  readonly call: Call;
  readonly finish: FinishEvent | undefined;
  readonly servedModel: string | undefined;
}

const toRecord = ({
  call,
  status,
  error,
  finish,
  servedModel,
}: Ending): Omit<LedgerRecord, 'latencyMs' | 'timeToFirstTokenMs'> => {
  const { attempt } = call.trace;
  const usage = finish?.usage;
  const cost = finish?.cost ?? call.trace.partial?.();
  return {
    id: call.id,
    startedAt: call.startedAt,
    status,
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
    estimated: cost?.estimated ?? false,
    // A call that was refused or never sent costs nothing; one of unknown price stays unknown.
    costUsd: cost === undefined ? 0 : cost.costUsd,
    project: call.labels.project ?? null,
    user: call.labels.user ?? null,
    tags: call.labels.tags ?? null,
  };
};
