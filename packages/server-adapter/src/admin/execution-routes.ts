import type { Gateway } from '@millrace/core/gateway';
import { MillraceError } from '@millrace/core/model';
import { type GuardedRoutes, privateAnswer, readGuardedBody } from '../guard/guarded-routes.js';
import { badRequest } from '../openai/bad-request.js';
import { parseExecutionBody } from './execution-body.js';
import { type Execution, type ExecutionLog, toExecution } from './execution-log.js';

const BODY_LIMIT = 4 * 1024 * 1024;
const PAGE = 50;

const shown = ({ createdAt, ...execution }: Execution): object => ({
  ...execution,
  createdAt: new Date(createdAt).toISOString(),
});

/** `POST /api/executions`, `GET /api/executions` and `GET /api/executions/{id}`: one prompt for several models. */
export const addExecutionRoutes = (
  { route }: Pick<GuardedRoutes, 'route'>,
  gateway: Gateway,
  log: ExecutionLog,
): void => {
  route('POST', '/api/executions', async ({ request }) => {
    const asked = parseExecutionBody(await readGuardedBody(request, BODY_LIMIT));
    const createdAt = Date.now();
    const compared = await gateway.compare({ ...asked, signal: request.signal });
    const execution = toExecution(asked, compared, createdAt);
    log.put(execution);
    return privateAnswer(201, shown(execution));
  });
  route('GET', '/api/executions', async ({ request }) => {
    const query = new URL(request.url).searchParams;
    const limit = Number(query.get('limit') ?? PAGE);
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 200))
      throw badRequest('limit', '`limit` must be a whole number from 1 to 200.');
    const cursor = query.get('cursor') ?? undefined;
    const { rows, next } = await log.find({ limit, cursor, signal: request.signal });
    return privateAnswer(200, { executions: rows.map(shown), next: next ?? null });
  });
  route('GET', '/api/executions/:id', async ({ request, param }) => {
    const execution = await log.get(param('id'), { signal: request.signal });
    if (execution === undefined) throw new MillraceError('NOT_FOUND', 'There is no such execution.');
    return privateAnswer(200, shown(execution));
  });
};
