import type { Registry } from '../provider/registry.js';
import { decideRoute } from './decide-route.js';
import type { Experiments } from './experiments/experiments.js';
import { lacking } from './request-needs.js';
import { resolveName } from './resolve-name.js';
import type { RouteCandidate, RouteDecision } from './route-decision.js';
import type { RouteInput } from './route-input.js';

/** What goes with a decision that an experiment may change. */
export interface DealOptions {
  readonly input: RouteInput;
  readonly registry: Registry;
  readonly subject: string;
  readonly experiments: Experiments | undefined;
}

/** The models of the subject's arm before the others, where they can be called and do what the request needs. */
export const dealExperiment = (
  decision: RouteDecision,
  { input, registry, subject, experiments }: DealOptions,
): RouteDecision => {
  const assignment = experiments?.assign(subject, decision.task?.category);
  if (assignment === undefined) return decision;
  const chosen = assignment.targets.flatMap((name) => {
    const found = resolveName(registry, name);
    return found.kind === 'models'
      ? found.candidates
      : decideRoute({ ...input, tier: found.tier, downgrade: false }).candidates;
  });
  const [first, ...others] = chosen.filter((one) => canAnswer(one, input));
  if (first === undefined) return decision;
  const own = [first, ...others];
  const rest = decision.candidates
    .filter((one) => !own.some(({ provider, model }) => one.provider === provider && one.model === model))
    .map((one) => ({ ...one, failover: true as const }));
  const candidates = [{ ...first, reason: `${first.reason}; ${assignment.reason}` }, ...others, ...rest];
  return { ...decision, candidates, experiment: assignment };
};

const canAnswer = ({ provider, model }: RouteCandidate, { models, needs }: RouteInput): boolean =>
  models.some(
    ({ info, coolDown }) =>
      info.provider === provider &&
      (info.id === model || info.aliases?.includes(model) === true) &&
      coolDown === undefined &&
      lacking(info, needs) === undefined,
  );
