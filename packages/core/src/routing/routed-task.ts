import type { TaskCategory } from './classify/task-verdict.js';

/** What the router found the request to be. */
export interface RoutedTask {
  readonly category: TaskCategory;
  /** 0 to 100. */
  readonly complexity: number;
  readonly confidence: number;
}
