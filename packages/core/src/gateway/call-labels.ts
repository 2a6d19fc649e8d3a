import { MillraceError } from '../model/errors/millrace-error.js';
import type { CallLabels } from './chat-request.js';

const NAMES = ['project', 'user', 'apiKeyId', 'runId'] as const;
const LONGEST = 256;
const MOST_TAGS = 50;

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

const checkLabel = (name: string, value: unknown): void => {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST) return;
  throw bad(`\`${name}\` must be a text of 1 to ${LONGEST} characters.`);
};

/**
 * Whom a call is for, out of a request.
 *
 * @throws MillraceError `BAD_REQUEST` for a label that is no text: it would be counted for somebody else.
 */
export const labelsOf = (request: CallLabels): CallLabels => {
  const { project, user, apiKeyId, runId, tags } = request;
  for (const name of NAMES) if (request[name] !== undefined) checkLabel(name, request[name]);
  if (tags !== undefined) {
    if (!Array.isArray(tags) || tags.length > MOST_TAGS)
      throw bad(`\`tags\` must be a list of at most ${MOST_TAGS} texts.`);
    for (const [index, tag] of tags.entries()) checkLabel(`tags[${index}]`, tag);
  }
  return { project, user, apiKeyId, runId, tags };
};
