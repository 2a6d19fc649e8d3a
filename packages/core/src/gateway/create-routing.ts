import { createCoolDown } from '../routing/cool-down/cool-down.js';
import { createHistory } from '../routing/history/history.js';
import { checkRoutingPolicy, type RoutingPolicy } from '../routing/routing-policy.js';
import type { Routing, RoutingOptions } from './routing-options.js';

/** The routing of a gateway, and how to end what it made for itself. */
export interface RoutingControl extends Routing {
  close(): Promise<void>;
}

/** @throws MillraceError `INVALID_CONFIG` for a policy that cannot be right. */
export const createRouting = (options: RoutingOptions = {}): RoutingControl => {
  const {
    history: givenHistory,
    coolDown: givenCoolDown,
    classifier: _classifier,
    exploration: _exploration,
    experiments: _experiments,
    learned: _learned,
    ...initial
  } = options;
  checkRoutingPolicy(initial);
  let policy: RoutingPolicy = initial;
  const history = givenHistory === false ? undefined : (givenHistory ?? createHistory());
  const coolDown = givenCoolDown === false ? undefined : (givenCoolDown ?? createCoolDown());
  return {
    policy: () => policy,
    setPolicy(changed) {
      checkRoutingPolicy(changed, 'BAD_REQUEST');
      policy = changed;
    },
    history,
    coolDown,
    async close() {
      // What the host made is the host's to close.
      if (givenHistory === undefined) await history?.close();
      if (givenCoolDown === undefined) await coolDown?.close();
    },
  };
};
