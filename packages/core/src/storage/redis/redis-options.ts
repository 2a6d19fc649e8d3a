import { positive } from '../check-request.js';
import { badStorageRequest } from '../storage-error.js';

/** What is used of a client of the package `ioredis`; a `Redis` or a `Cluster` fits. */
export interface RedisClient {
  call(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
}

/** Where the server is, and how long to wait for it. */
export interface RedisOptions {
  /** `redis://user:password@host:port/database`, or `rediss:` for TLS. Give this or `client`. */
  readonly url?: string | undefined;
  /**
   * A client of the package `ioredis`, which its owner closes. Set its `autoResendUnfulfilledCommands` to false, or an
   * addition whose answer was lost is made twice.
   */
  readonly client?: RedisClient | undefined;
  /**
   * What all keys begin with. The braces keep them on one node of a cluster, which reservations over several counters
   * need. Default: `{millrace}:`.
   */
  readonly prefix?: string | undefined;
  /** How long an operation may take, the wait for a connection included, in milliseconds. Default: 5000. */
  readonly timeoutMs?: number | undefined;
}

/** Options, checked and complete. */
export interface RedisSettings {
  readonly url: string | undefined;
  readonly client: RedisClient | undefined;
  readonly prefix: string;
  readonly timeoutMs: number;
}

const isUrl = (text: string): boolean => {
  try {
    return /^rediss?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** @throws MillraceError `BAD_REQUEST` when an option cannot be right. The message holds no part of the URL. */
export const redisSettings = (options: RedisOptions): RedisSettings => {
  const { url, client, prefix = '{millrace}:', timeoutMs = 5_000 } = options;
  if ((url === undefined) === (client === undefined)) {
    throw badStorageRequest('A Redis store needs either "url" or "client".');
  }
  if (url !== undefined && !isUrl(url)) {
    throw badStorageRequest('"url" must look like redis://user:password@host:port/database.');
  }
  if (!/^[^{}]*\{[^{}]+\}[^{}]*$/.test(prefix)) {
    throw badStorageRequest('"prefix" needs one part in braces, such as "{millrace}:".');
  }
  return { url, client, prefix, timeoutMs: positive('timeoutMs', timeoutMs) };
};
