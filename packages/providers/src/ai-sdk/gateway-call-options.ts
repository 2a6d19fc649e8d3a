import type { ChatRequest } from '@millrace/core/gateway';
import { MillraceError } from '@millrace/core/model';
import { isObject } from '../transport/index.js';

/** What a caller of the AI SDK may say to the gateway, under `providerOptions.millrace`. A `model` goes before the one that was asked for. */
export type GatewayCallOptions = Pick<
  ChatRequest,
  'model' | 'project' | 'user' | 'tags' | 'parallelToolCalls' | 'timeLimits' | 'retry' | 'cache'
>;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isRecord: Check = (value) => isObject(value) && !Array.isArray(value);

const FIELDS: Readonly<Record<keyof GatewayCallOptions, readonly [what: string, check: Check]>> = {
  model: ['text', isText],
  project: ['text', isText],
  user: ['text', isText],
  tags: ['a list of texts', (value) => Array.isArray(value) && value.every(isText)],
  parallelToolCalls: ['true or false', (value) => typeof value === 'boolean'],
  timeLimits: ['an object', isRecord],
  retry: ['an object', isRecord],
  cache: ['an object', isRecord],
};

/**
 * Check `providerOptions.millrace`.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field.
 */
export const readGatewayCallOptions = (
  options: Readonly<Record<string, unknown>> = {},
): GatewayCallOptions => {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(FIELDS, name)) {
      const known = Object.keys(FIELDS).join(', ');
      throw new MillraceError(
        'BAD_REQUEST',
        `\`providerOptions.millrace\` has no "${name}"; it knows ${known}.`,
      );
    }
    const [what, check] = FIELDS[name as keyof GatewayCallOptions];
    if (!check(value))
      throw new MillraceError('BAD_REQUEST', `\`providerOptions.millrace.${name}\` must be ${what}.`);
  }
  return options;
};
