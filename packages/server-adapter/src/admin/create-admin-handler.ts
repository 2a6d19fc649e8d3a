import { type BudgetLabels, type BudgetStatus, type Budgets, checkBudgetLimit } from '@millrace/core/budget';
import type { Gateway } from '@millrace/core/gateway';
import { MillraceError } from '@millrace/core/model';
import { createMemoryRecordStore, type RecordStore } from '@millrace/core/storage';
import type { Handler } from '../create-handler.js';
import {
  createGuardedRoutes,
  type GuardOptions,
  privateAnswer,
  readGuardedBody,
} from '../guard/guarded-routes.js';
import { labelsOfQuery, parseBudgetBody } from './budget-body.js';
import { openExecutionLog } from './execution-log.js';
import { addExecutionRoutes } from './execution-routes.js';
import { addStatsRoutes } from './stats-routes.js';
import { addStatusRoutes } from './status-routes.js';

/** How to serve what an operator looks at and changes. Whoever is let in may see and change all of it. */
export interface AdminHandlerOptions extends GuardOptions {
  readonly gateway: Gateway;
  /**
   * Where comparisons of models are kept, with their prompts: it stays the host's to close. Default: in memory, the
   * newest 1,000.
   */
  readonly executions?: RecordStore | undefined;
  /** Default: there is no budget to look at. */
  readonly budgets?: Budgets | undefined;
}

const BODY_LIMIT = 256 * 1024;
const MOST_EXECUTIONS = 1_000;

const time = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

/** How a budget stands, as JSON. */
const shown = ({ windowStart, windowEnd, ...status }: BudgetStatus): object => ({
  ...status,
  windowStart: time(windowStart),
  windowEnd: time(windowEnd),
});

/**
 * Serve the administration of a gateway:
 *
 * - `GET /api/stats`: figures of a period (`from`, `before`: ISO 8601, in UTC where it has no offset, or milliseconds;
 *   default: the last 30 days) and of some calls (`project`, `user`, `provider`, `model`, `category`, `experiment`, `tag`,
 *   `status`); below it `groups` (`by`), `series` (`unit`, `timeZone`, `by`), `calls` (`sort`, `order`, `limit`, `cursor`)
 *   and `export` (`format`: csv or json);
 * - `POST /api/executions`: one prompt for several models; `GET /api/executions` and `/{id}`: those that were made;
 * - `GET /api/status`: which providers can be called, and what is skipped;
 * - `GET /api/budget`: the limits, and how those stand that are for the labels of the query (`user`, `project`,
 *   `apiKeyId`, `runId`, `tag`);
 * - `PUT /api/budget`: set limits; `DELETE /api/budget/{id}`: take one away.
 *
 * Requests over plain HTTP from another machine, and those that another site makes a browser send, are refused.
 */
export const createAdminHandler = (options: AdminHandlerOptions): Handler => {
  const { budgets, gateway } = options;
  const { route, handler } = createGuardedRoutes(options);

  const need = (): Budgets => {
    if (budgets !== undefined) return budgets;
    throw new MillraceError('NOT_FOUND', 'This server keeps no budgets.');
  };
  const overview = async (labels: BudgetLabels, signal: AbortSignal) => {
    const statuses = await need().status(labels, { signal });
    return privateAnswer(200, { limits: need().limits(), budgets: statuses.map(shown) });
  };

  route('GET', '/api/budget', ({ request }) =>
    overview(labelsOfQuery(new URL(request.url).searchParams), request.signal),
  );
  route('PUT', '/api/budget', async ({ request }) => {
    const { limits } = parseBudgetBody(await readGuardedBody(request, BODY_LIMIT));
    for (const limit of limits) checkBudgetLimit(limit, 'BAD_REQUEST');
    for (const limit of limits) await need().set(limit);
    return overview({}, request.signal);
  });
  route('DELETE', '/api/budget/:id', async ({ param }) => {
    const id = param('id');
    if (!(await need().remove(id)))
      throw new MillraceError('NOT_FOUND', `There is no budget "${id.slice(0, 64)}".`);
    return privateAnswer(200, { removed: true, id });
  });
  addStatsRoutes({ route }, gateway);
  addStatusRoutes({ route }, gateway);
  const store = options.executions ?? createMemoryRecordStore({ maxRecords: MOST_EXECUTIONS });
  addExecutionRoutes({ route }, gateway, openExecutionLog(store));
  return handler(['/api/budget', '/api/stats', '/api/status', '/api/executions']);
};
