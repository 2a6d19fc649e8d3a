import type { Router } from '../../routing/router.js';
import type { Stage } from '../call.js';
import { deferred } from '../deferred.js';
import type { Emit } from '../emitter.js';

/** Decides which models may answer the call. */
export const routeStage =
  (router: Router, emit: Emit): Stage =>
  (next) =>
  (call) =>
    deferred(async () => {
      const decision = await router.decide(call.request, call.signal);
      call.trace.attempt = decision.candidates[0];
      emit('call-route', { id: call.id, decision });
      return next({ ...call, candidates: decision.candidates });
    });
