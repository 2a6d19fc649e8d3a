import type { CompareRequest } from '@millrace/core/gateway';
import { z } from 'zod';
import { badRequest } from '../openai/bad-request.js';
import { describeIssues } from '../openai/describe-issues.js';

const message = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() });

// The shape only; whether the values can be right is checked where they are used.
const body: z.ZodType<CompareRequest> = z.strictObject({
  models: z.array(z.string()),
  system: z.string().optional(),
  prompt: z.string().optional(),
  messages: z.array(message).optional(),
  context: z.array(z.strictObject({ name: z.string(), text: z.string() })).optional(),
  temperature: z.number().optional(),
  maxOutputTokens: z.number().optional(),
  project: z.string().optional(),
  user: z.string().optional(),
  tags: z.array(z.string()).optional(),
}) as z.ZodType<CompareRequest>;

/** @throws MillraceError `BAD_REQUEST` that names the field. */
export const parseExecutionBody = (value: unknown): CompareRequest => {
  const result = body.safeParse(value);
  if (result.success) return result.data;
  const { param, message: what } = describeIssues(result.error.issues);
  throw badRequest(param, what);
};
