import type { BudgetPressure, Budgets } from '../../budget/budgets.js';
import { isPromise } from '../../internal/is-promise.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { RouteDecision } from '../../routing/route-decision.js';
import type { Router } from '../../routing/router.js';
import type { Call, Stage } from '../call.js';
import { deferred } from '../deferred.js';
import type { Emit } from '../emitter.js';
import { nearLimitOf } from '../near-limit.js';

/** What the route stage works with. */
interface RouteStageOptions {
  readonly router: Router;
  readonly emit: Emit;
  readonly budgets: Budgets | undefined;
  /** Calls models beside the answer. */
  readonly shadow: (call: Call, models: readonly string[]) => void;
}

/** Decides which models may answer the call. */
export const routeStage =
  ({ router, emit, budgets, shadow }: RouteStageOptions): Stage =>
  (next) =>
  (call) =>
    deferred(() => {
      const proceed = (decision: RouteDecision): AsyncIterable<ModelEvent> => {
        call.trace.attempt = decision.candidates[0];
        call.trace.decision = decision;
        call.trace.task = decision.task;
        call.trace.assignment = decision.experiment;
        if (decision.experiment !== undefined) shadow(call, decision.experiment.shadow);
        emit('call-route', { id: call.id, decision });
        return next({ ...call, candidates: decision.candidates });
      };
      const decide = (pressure: BudgetPressure | undefined): ReturnType<Router['decide']> =>
        router.decide(call.request, {
          cancellation: call.cancellation,
          routing: call.routing,
          subject: call.labels.user ?? call.labels.runId ?? call.id,
          leftUsd: pressure?.leftUsd,
          nearLimit: nearLimitOf(pressure),
        });
      const pressure = budgets?.pressure(call.labels, call.cancellation.signal);
      const decision = isPromise(pressure) ? pressure.then(decide) : decide(pressure);
      return isPromise(decision) ? decision.then(proceed) : proceed(decision);
    });
