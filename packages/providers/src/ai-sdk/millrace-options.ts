import type { CallLabels, TimeLimits } from '@millrace/core/gateway';
import { MillraceError } from '@millrace/core/model';
import { isObject } from '../transport/index.js';

/** What a call of the AI SDK may say to the gateway, under `providerOptions.millrace`. */
export interface MillraceCallOptions extends CallLabels {
  /** Answers this call in place of the model that was asked for: `provider:model`, an alias, `tier:economy`, `auto`. */
  readonly model?: string | undefined;
  /** `false`: at most one tool call in an answer. */
  readonly parallelToolCalls?: boolean | undefined;
  /** In place of the gateway's. */
  readonly timeLimits?: TimeLimits | undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';

const FIELDS: Readonly<Record<keyof MillraceCallOptions, readonly [what: string, check: Check]>> = {
  model: ['text', isText],
  project: ['text', isText],
  user: ['text', isText],
  tags: ['a list of texts', (value) => Array.isArray(value) && value.every(isText)],
  parallelToolCalls: ['true or false', (value) => typeof value === 'boolean'],
  timeLimits: ['an object', (value) => isObject(value) && !Array.isArray(value)],
};

/**
 * Check `providerOptions.millrace`.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field.
 */
export const readMillraceOptions = (options: Readonly<Record<string, unknown>> = {}): MillraceCallOptions => {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(FIELDS, name)) {
      const known = Object.keys(FIELDS).join(', ');
      throw new MillraceError(
        'BAD_REQUEST',
        `\`providerOptions.millrace\` has no "${name}"; it knows ${known}.`,
      );
    }
    const [what, check] = FIELDS[name as keyof MillraceCallOptions];
    if (!check(value))
      throw new MillraceError('BAD_REQUEST', `\`providerOptions.millrace.${name}\` must be ${what}.`);
  }
  return options;
};
