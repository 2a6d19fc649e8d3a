import { createHash } from 'node:crypto';
import type * as Ioredis from 'ioredis';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { withinLimit } from '../operation-limit.js';
import { redisError } from './redis-failure.js';
import type { RedisClient, RedisSettings } from './redis-options.js';

/** An argument of a command. */
export type RedisArgument = string | Buffer | number;

/** A Lua program and the name that the server keeps it under. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** A server. Connections are made when they are needed, and again when they were lost. */
export interface RedisConnection {
  /** @throws MillraceError `STORAGE` when it fails; it may have been done if the connection was lost meanwhile. */
  call(command: string, args: readonly RedisArgument[], signal?: AbortSignal): Promise<unknown>;
  /** The same, with text of the answer as bytes. */
  callBuffer(command: string, args: readonly RedisArgument[], signal?: AbortSignal): Promise<unknown>;
  /** Run a program; nothing else runs meanwhile. */
  run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
    signal?: AbortSignal,
  ): Promise<unknown>;
  close(): Promise<void>;
}

export const redisScript = (text: string): RedisScript => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

const PLACE = 'The Redis store';

const load = async (): Promise<typeof Ioredis> => {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new MillraceError(
      'MISSING_PACKAGE',
      'The package "ioredis" is needed for Redis. Run: npm install ioredis',
      { cause },
    );
  }
};

interface OpenClient {
  readonly client: RedisClient;
  readonly end: () => void;
}

const openClient = async ({ url = '', client, timeoutMs }: RedisSettings): Promise<OpenClient> => {
  if (client !== undefined) return { client, end: () => undefined };
  const { Redis } = await load();
  const own = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    // A command whose answer was lost may have been done: whether to repeat it is for the caller to say.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  // Failures are reported by the commands that they concern; without a listener they would be printed as well.
  own.on('error', () => undefined);
  return { client: own, end: () => own.disconnect() };
};

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');

export const connectRedis = (settings: RedisSettings): RedisConnection => {
  const { timeoutMs } = settings;
  let opening: Promise<OpenClient> | undefined;

  const perform = async <Answer>(use: (client: RedisClient) => Promise<Answer>): Promise<Answer> => {
    opening ??= openClient(settings);
    try {
      return await use((await opening).client);
    } catch (error) {
      throw redisError(error);
    }
  };

  const bounded = <Answer>(
    use: (client: RedisClient) => Promise<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> => withinLimit(perform(use), { timeoutMs, place: PLACE, signal });

  return {
    call: (command, args, signal) => bounded((client) => client.call(command, ...args), signal),
    callBuffer: (command, args, signal) => bounded((client) => client.callBuffer(command, ...args), signal),
    run: (script, keys, args, signal) =>
      bounded(async (client) => {
        const rest = [keys.length, ...keys, ...args];
        try {
          return await client.call('EVALSHA', script.sha, ...rest);
        } catch (error) {
          if (!isUnknownScript(error)) throw error;
          return client.call('EVAL', script.text, ...rest);
        }
      }, signal),
    async close() {
      const opened = await opening?.catch(() => undefined);
      opened?.end();
    },
  };
};
