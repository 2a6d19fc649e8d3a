import { MillraceError } from '../model/errors/millrace-error.js';
import { createCoolDown } from '../routing/cool-down/cool-down.js';
import { createHistory } from '../routing/history/history.js';
import { checkRoutingPolicy, type RoutingPolicy } from '../routing/routing-policy.js';
import type { Routing, RoutingOptions } from './routing-options.js';

/** The routing of a gateway, and how to end what it made for itself. */
export interface RoutingControl extends Routing {
  /** Whether calls are learned from at the moment: by a history that the host gave, or that the policy goes by. */
  learns(): boolean;
  /** Whether the ledger wants to know what a call is about that nobody else had to know. */
  classifies(): boolean;
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
    classify = 'needed',
    ...initial
  } = options;
  checkRoutingPolicy(initial);
  let policy: RoutingPolicy = initial;
  const history = givenHistory === false ? undefined : (givenHistory ?? createHistory());
  const coolDown = givenCoolDown === false ? undefined : (givenCoolDown ?? createCoolDown());
  const given = (givenHistory !== undefined && givenHistory !== false) || options.experiments !== undefined;
  const learns = (): boolean => given || (history !== undefined && policy.mode === 'cost-aware');
  if (classify !== 'needed' && classify !== 'all')
    throw new MillraceError('INVALID_CONFIG', '`routing.classify` must be needed or all.');
  return {
    learns,
    classifies: () => classify === 'all' || learns(),
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
