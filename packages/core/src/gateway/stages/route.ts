import { isPromise } from '../../internal/is-promise.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { RouteDecision } from '../../routing/route-decision.js';
import type { Router } from '../../routing/router.js';
import type { Stage } from '../call.js';
import { deferred } from '../deferred.js';
import type { Emit } from '../emitter.js';

/** Decides which models may answer the call. */
export const routeStage =
  (router: Router, emit: Emit): Stage =>
  (next) =>
  (call) =>
    deferred(() => {
      const proceed = (decision: RouteDecision): AsyncIterable<ModelEvent> => {
        call.trace.attempt = decision.candidates[0];
        emit('call-route', { id: call.id, decision });
        return next({ ...call, candidates: decision.candidates });
      };
      const decision = router.decide(call.request, call.cancellation);
      return isPromise(decision) ? decision.then(proceed) : proceed(decision);
    });
