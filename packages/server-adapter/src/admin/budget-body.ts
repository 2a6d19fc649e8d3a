import type { BudgetLabels, BudgetLimit } from '@millrace/core/budget';
import { z } from 'zod';
import { checkParameters } from '../http/check-parameters.js';
import { badRequest } from '../openai/bad-request.js';
import { describeIssues } from '../openai/describe-issues.js';

/** What `PUT /api/budget` may hold. */
export interface BudgetBody {
  readonly limits: readonly BudgetLimit[];
}

const dimension = z.enum(['project', 'user', 'apiKeyId', 'tag']);

// The shape only; whether the values can be right is checked where they are used.
const limit: z.ZodType<BudgetLimit> = z.strictObject({
  id: z.string(),
  limitUsd: z.number(),
  period: z.union([
    z.enum(['hour', 'day', 'week', 'month', 'total', 'run']),
    z.strictObject({ rollingMs: z.number() }),
  ]),
  timeZone: z.string().optional(),
  only: z
    .strictObject({
      project: z.string().optional(),
      user: z.string().optional(),
      apiKeyId: z.string().optional(),
      tag: z.string().optional(),
    })
    .optional() as z.ZodType<BudgetLimit['only']>,
  per: z.array(dimension).optional(),
  warnAt: z.number().optional(),
  hard: z.boolean().optional(),
});
const body: z.ZodType<BudgetBody> = z.strictObject({ limits: z.array(limit).min(1).max(100) });

/**
 * Limits to set: `{ "limits": [...] }`, or one limit by itself.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field.
 */
export const parseBudgetBody = (value: unknown): BudgetBody => {
  const isList = typeof value === 'object' && value !== null && 'limits' in value;
  const result = body.safeParse(isList ? value : { limits: [value] });
  if (result.success) return result.data;
  const { param, message } = describeIssues(result.error.issues);
  throw badRequest(param, message);
};

const LABELS: ReadonlySet<string> = new Set(['project', 'user', 'apiKeyId', 'runId', 'tag']);

/**
 * The labels of a query such as `?user=ada&tag=beta&tag=web`.
 *
 * @throws MillraceError `BAD_REQUEST` for a name that is none of them, and one that comes twice but for `tag`.
 */
export const labelsOfQuery = (query: URLSearchParams): BudgetLabels => {
  checkParameters(query, LABELS, 'tag');
  const one = (name: string): string | undefined => query.get(name) ?? undefined;
  const tags = query.getAll('tag');
  return {
    project: one('project'),
    user: one('user'),
    apiKeyId: one('apiKeyId'),
    runId: one('runId'),
    tags: tags.length === 0 ? undefined : tags,
  };
};
