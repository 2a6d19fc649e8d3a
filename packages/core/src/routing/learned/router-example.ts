import { MillraceError } from '../../model/errors/millrace-error.js';
import type { ModelRequest } from '../../model/model-request.js';

/** What a learned router looks at: a prompt, or a request of which it reads the newest user message and the frame around it. */
export type RoutableRequest = string | Pick<ModelRequest, 'messages' | 'tools' | 'responseFormat'>;

/** How well one model did on one request. */
export interface RouterExample {
  readonly request: RoutableRequest;
  /** `provider:model`. */
  readonly model: string;
  /** 0 for a failure, 1 for a success, between them for a grade. */
  readonly success: number;
  /** How much it counts; a verdict of a person may weigh more than a guess. 0 leaves it out. Default 1, at most 100. */
  readonly weight?: number | undefined;
}

const MAXIMUM_WEIGHT = 100;

/**
 * The weight of an example that is well formed.
 *
 * @param place - How the caller counts it, for the error: `examples[3]`.
 * @throws MillraceError `BAD_REQUEST`, with what to change.
 */
export const checkExample = ({ model, success, weight = 1 }: RouterExample, place: string): number => {
  const problem = !isModelName(model)
    ? `model must be written provider:model; it is "${String(model)}"`
    : !(success >= 0 && success <= 1)
      ? `success must be a number from 0 to 1; it is ${String(success)}`
      : !(weight >= 0 && weight <= MAXIMUM_WEIGHT)
        ? `weight must be a number from 0 to ${MAXIMUM_WEIGHT}; it is ${String(weight)}`
        : undefined;
  if (problem !== undefined) throw new MillraceError('BAD_REQUEST', `${place}: ${problem}.`);
  return weight;
};

/** Whether it reads `provider:model`. */
export const isModelName = (name: unknown): name is string => {
  if (typeof name !== 'string') return false;
  const colon = name.indexOf(':');
  return colon > 0 && colon < name.length - 1;
};
