import { MillraceError } from '../../model/errors/millrace-error.js';
import { storageError } from '../storage-error.js';

/** Why it failed, by the first word of the server's answer or by the code of Node. */
const reasons: Readonly<Record<string, string>> = {
  NOAUTH: 'the server wants a password',
  WRONGPASS: 'the server refused the user or the password',
  NOPERM: 'the user lacks a permission',
  READONLY: 'the server is a replica and takes no writes',
  OOM: 'the memory of the server is used up',
  MISCONF: 'the server cannot save to its disk and takes no writes',
  LOADING: 'the server is starting up',
  CLUSTERDOWN: 'the cluster is down',
  ECONNREFUSED: 'the server cannot be reached',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ENOTFOUND: 'the host is not known',
  ETIMEDOUT: 'the server cannot be reached',
};

const lasting = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

// The message of a server's answer may repeat what was sent, so that only its first word is used.
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'ReplyError') return /^[A-Z]+/.exec(error.message)?.[0];
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : undefined;
};

const reasonOf = (error: unknown, code: string | undefined): string => {
  const known = code === undefined ? undefined : reasons[code];
  if (known !== undefined) return known;
  if (error instanceof Error && error.name === 'ReplyError')
    return `the server answered with ${code ?? 'an error'}`;
  return 'the connection was lost or cannot be made';
};

/** An error of `ioredis` as one of ours. */
export const redisError = (error: unknown): MillraceError => {
  if (MillraceError.isInstance(error)) return error;
  const code = codeOf(error);
  const reason = reasonOf(error, code);
  return storageError(`The Redis store failed: ${reason}.`, {
    // The error itself may hold the command with its values.
    cause: new Error(`${reason} (${code ?? (error instanceof Error ? error.name : 'unknown')})`),
    retryable: !(code !== undefined && lasting.has(code)),
    details: { redisCode: code ?? null },
  });
};
