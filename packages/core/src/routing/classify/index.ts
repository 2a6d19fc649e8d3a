// What a request asks for, and how hard it looks.
export { classifyTask } from './classify-task.js';
export {
  TASK_CATEGORIES,
  type TaskCategory,
  type TaskClassifier,
  type TaskSignal,
  type TaskVerdict,
} from './task-verdict.js';
export { TIER_THRESHOLDS, tierFor } from './tier-for.js';
