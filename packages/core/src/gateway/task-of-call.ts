import { classifyTask } from '../routing/classify/classify-task.js';
import type { RoutedTask } from '../routing/routed-task.js';
import type { Call } from './call.js';

/** What a call is about: what the router found, or else what it looks like. Found out once. */
export const taskOfCall = ({ trace, request, routing }: Call): RoutedTask => {
  if (trace.task === undefined) {
    const { category, complexity, confidence } = classifyTask(request);
    trace.task = { category: routing?.category ?? category, complexity, confidence };
  }
  return trace.task;
};
