import { ConfigError } from '../../model/errors/config-error.js';
import { type LearnedRouter, routerFrom } from './learned-router.js';
import { readRouter } from './router-json.js';

/**
 * A router as it was saved: it predicts the same, and can go on learning.
 *
 * @param json - What `toJSON()` gave, or the text of it.
 * @throws ConfigError `INVALID_CONFIG` for anything else; `key` names what is wrong.
 */
export const loadRouter = (json: unknown): LearnedRouter =>
  routerFrom(readRouter(typeof json === 'string' ? parse(json) : json));

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError('A saved router cannot be read: it is not JSON.', { cause });
  }
};
