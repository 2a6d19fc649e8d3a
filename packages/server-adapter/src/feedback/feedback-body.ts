import type { FeedbackRequest } from '@millrace/core/gateway';
import { z } from 'zod';
import { badRequest } from '../openai/bad-request.js';
import { describeIssues } from '../openai/describe-issues.js';

const body = z.strictObject({
  taskId: z.string().optional(),
  rating: z
    .union([z.enum(['good', 'bad']), z.literal([1, 2, 3, 4, 5])], { error: 'must be good, bad, or 1 to 5' })
    .optional(),
  verdicts: z
    .array(z.strictObject({ name: z.string(), passed: z.union([z.boolean(), z.number()]) }))
    .optional(),
});

/**
 * What `POST /api/feedback` takes: `{ "rating": "good", "taskId": "…" }`, where the task id is that of the header
 * `x-task-id`, its beginning, or left out for the latest answer.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field.
 */
export const parseFeedbackBody = (
  value: unknown,
): Pick<FeedbackRequest, 'callId' | 'rating' | 'verdicts'> => {
  const result = body.safeParse(value);
  if (!result.success) {
    const { param, message } = describeIssues(result.error.issues);
    throw badRequest(param, message);
  }
  const { taskId, rating, verdicts } = result.data;
  return { callId: taskId, rating, verdicts };
};
