import type { Experiment, ExperimentArm } from './experiment.js';
import { type KeyedHash, keyedHash } from './keyed-hash.js';

/** Deals subjects out to the arms of one experiment. */
export interface ArmDealer {
  arm(subject: string, share: number): ExperimentArm;
  shadow(subject: string, share: number): boolean;
  /** A number for each subject that says nothing about its arm. */
  readonly mark: KeyedHash;
}

/** Deals by hashes whose key is the id of the experiment. */
export const armDealer = (id: string): ArmDealer => {
  const arms = keyedHash(`millrace-experiment-arm:${id}`);
  const shadows = keyedHash(`millrace-experiment-shadow:${id}`);
  return {
    // A subject keeps its number, so a larger share only adds to those who are below it.
    arm: (subject, share) => (arms.share(subject) < share ? 'challenger' : 'control'),
    shadow: (subject, share) => shadows.share(subject) < share,
    mark: keyedHash(`millrace-experiment-mark:${id}`),
  };
};

/**
 * The arm of a subject: always the same for the same id and share, whatever other experiments there are, and
 * independent of the subject's arm in them. Raising the share moves subjects to the challenger only.
 */
export const assignArm = ({ id, share }: Pick<Experiment, 'id' | 'share'>, subject: string): ExperimentArm =>
  armDealer(id).arm(subject, share);
