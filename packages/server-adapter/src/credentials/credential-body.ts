import { z } from 'zod';
import { badRequest } from '../openai/bad-request.js';
import { describeIssues } from '../openai/describe-issues.js';

/** Which of a provider's keys is meant. */
export interface KeySelection {
  readonly id?: string | undefined;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly label?: string | undefined;
}

/** A key to save. */
export interface CredentialBody extends KeySelection {
  readonly key: string;
  readonly priority?: number | undefined;
  readonly active?: boolean | undefined;
  /** Take the place of the key of that name, which stays for the grace period. */
  readonly rotate?: boolean | undefined;
  readonly graceMs?: number | undefined;
}

const selection = {
  id: z.string().optional(),
  project: z.string().optional(),
  environment: z.string().optional(),
  label: z.string().optional(),
};
const selectionSchema: z.ZodType<KeySelection> = z.strictObject(selection);
const bodySchema: z.ZodType<CredentialBody> = z.strictObject({
  ...selection,
  key: z.string(),
  priority: z.number().optional(),
  active: z.boolean().optional(),
  rotate: z.boolean().optional(),
  graceMs: z.number().nonnegative().optional(),
});

/** The checker's own words could quote the body, so only the place and what is expected there are told. */
const parse = <Value>(schema: z.ZodType<Value>, value: unknown): Value => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { param, message } = describeIssues(result.error.issues);
  throw badRequest(param, message);
};

/** @throws MillraceError `BAD_REQUEST` that names the field. */
export const parseCredentialBody = (value: unknown): CredentialBody => parse(bodySchema, value);

/** @throws MillraceError `BAD_REQUEST` that names the field. */
export const parseKeySelection = (value: unknown): KeySelection => parse(selectionSchema, value);
