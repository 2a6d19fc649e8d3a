import { MillraceError } from '@millrace/core/model';
import type { KeyIdentity } from '../sealing/identity.js';
import { Secret } from '../secret/secret.js';

/** Which key is meant. Left out: for every project, for every environment, and the label `default`. */
export interface KeyName {
  readonly provider: string;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly label?: string | undefined;
}

/** A key to save. */
export interface KeyInput extends KeyName {
  /** The key. A `Secret` is disposed of once it is sealed. */
  readonly key: string | Secret;
  /** Among keys that fit equally the highest goes first. Default: 0. */
  readonly priority?: number | undefined;
  /** Default: true. */
  readonly active?: boolean | undefined;
}

const PROVIDER = /^[a-z0-9][a-z0-9-]{0,63}$/;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@/-]{0,99}$/u;
/** What an HTTP header can hold. */
const KEY = /^[\x21-\x7e]+$/;
const LONGEST_KEY = 8_192;

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

/**
 * Check a name and fill in what is left out.
 *
 * @throws MillraceError `BAD_REQUEST`
 */
export const toIdentity = ({
  provider,
  project = '',
  environment = '',
  label = 'default',
}: KeyName): KeyIdentity => {
  if (typeof provider !== 'string' || !PROVIDER.test(provider))
    throw bad("`provider` is a provider's id: 1 to 64 lower-case letters, digits and `-`.");
  for (const [name, value] of Object.entries({ project, environment, label })) {
    const empty = value === '' && name !== 'label';
    if (typeof value !== 'string' || !(empty || NAME.test(value))) {
      throw bad(
        `\`${name}\` is 1 to 100 letters, digits, spaces and . _ @ / -, beginning with a letter or digit.`,
      );
    }
  }
  return { provider, project, environment, label };
};

/**
 * Check a key. A space or line break around it, as pasting leaves them, is taken off.
 *
 * @throws MillraceError `BAD_REQUEST`; the key is not shown.
 */
export const toKeyText = (key: string | Secret): string => {
  const text = (key instanceof Secret ? key.reveal() : key)?.trim?.() ?? '';
  if (text === '') throw bad('The key is empty.');
  if (text.length > LONGEST_KEY) throw bad(`The key is longer than ${LONGEST_KEY} characters.`);
  if (!KEY.test(text))
    throw bad('The key holds a space, a line break or a letter that no key has; copy it again.');
  return text;
};

/** @throws MillraceError `BAD_REQUEST` */
export const checkPriority = (priority: number): number => {
  if (!Number.isFinite(priority)) throw bad('`priority` is a finite number.');
  return priority;
};
