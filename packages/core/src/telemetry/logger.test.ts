import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogger, type Logger, type LogLevel, redactingLogger, silentLogger } from './logger.js';
import { redactSecrets } from './redact.js';

const KEY = 'sk-Zx81kQ0pLmN47vBc92Ty';
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

const recording = (level?: LogLevel): { logger: Logger; lines: string[] } => {
  const lines: string[] = [];
  return { logger: createLogger({ level, write: (line) => void lines.push(line), now: () => 0 }), lines };
};
/** One line, as an object. */
const logged = (fields: Record<string, unknown>, message = 'something happened'): Record<string, unknown> => {
  const { logger, lines } = recording();
  logger.info(fields, message);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]!) as Record<string, unknown>;
};

describe('a logger', () => {
  test('writes one line of JSON', () => {
    expect(logged({ callId: 'c-1', tokensIn: 5 })).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      message: 'something happened',
      callId: 'c-1',
      tokensIn: 5,
    });
  });

  test.each(LEVELS)('leaves out what is less grave than %s', (level) => {
    const { logger, lines } = recording(level);
    for (const each of LEVELS) logger[each]({}, each);
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(
      LEVELS.slice(LEVELS.indexOf(level)),
    );
  });

  test('lets no field overwrite its own facts', () => {
    expect(logged({ level: 'debug', message: 'forged', time: 'never' })).toMatchObject({
      level: 'info',
      message: 'something happened',
      time: '1970-01-01T00:00:00.000Z',
    });
  });

  test('writes an error with its cause, and a number too big for JSON', () => {
    const error = new TypeError('no', { cause: new Error('why') });
    expect(logged({ error, size: 12n })).toMatchObject({
      error: { name: 'TypeError', message: 'no', cause: { message: 'why' } },
      size: '12',
    });
  });

  test('still writes the message of a line that JSON cannot hold', () => {
    const trap = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    expect(logged({ trap }, `with ${KEY}`)).toMatchObject({
      message: 'with [redacted]',
      unserialisable: true,
    });
  });

  test.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'password',
    'secret',
    'clientSecret',
    'apiKey',
    'api_key',
    'x-api-key',
    'OPENAI_API_KEY',
    'token',
    'access_token',
    'refreshToken',
  ])('hides the field %s whatever it holds', (name) => {
    expect(logged({ deep: { [name]: 'plain words' } })).toMatchObject({ deep: { [name]: '[redacted]' } });
  });

  test('leaves ordinary fields alone', () => {
    const fields = {
      tokensIn: 5,
      tokensOut: 6,
      maxOutputTokens: 7,
      timeToFirstTokenMs: 8.5,
      tokenCount: 9,
      keys: ['a'],
      author: 'Ada',
      route: 'openai:gpt-4o-mini',
      absent: null,
      url: 'http://localhost:8080',
      email: 'me@example.com',
    };
    expect(logged(fields)).toMatchObject(fields);
  });

  test('is one line of valid JSON without the key, wherever the key stands', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '\t', '"', '\\', 'http://a:b', '@'),
    );
    const withKey = fc
      .tuple(text, text)
      .filter(([before]) => !/[A-Za-z0-9_]$/.test(before))
      .map(([before, after]) => `${before}${KEY} ${after}`);
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        withKey,
        text,
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(withKey, text), tie('value'), { maxKeys: 3 }),
        withKey.map((message) => new Error(message)),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { maxKeys: 4 }), withKey, (fields, message) => {
        const { logger, lines } = recording();
        logger.error(fields, message);
        expect(lines).toHaveLength(1);
        expect(lines[0]).not.toContain('\n');
        expect(lines[0]).not.toContain(KEY);
        expect(() => JSON.parse(lines[0]!) as unknown).not.toThrow();
      }),
    );
  });
});

describe('a redacting logger', () => {
  const SECRET = 'hunter2hunter2';
  const cleaned = (fields: Record<string, unknown>, message = 'm'): { fields: unknown; message: string } => {
    let seen = { fields: {} as unknown, message: '' };
    const host: Logger = {
      ...silentLogger,
      warn: (given, text) => {
        seen = { fields: given, message: text };
      },
    };
    redactingLogger(host, (text) => redactSecrets(text, [SECRET])).warn(fields, message);
    return seen;
  };

  test('hides a known secret in the message, in fields, in their names and in errors', () => {
    const error = Object.assign(new Error(`sent ${SECRET}`, { cause: new Error(SECRET) }), {
      sent: [SECRET],
    });
    const seen = cleaned(
      { [SECRET]: 1, list: [{ deep: `x${SECRET}y` }], error, map: new Map([[SECRET, SECRET]]) },
      SECRET,
    );
    expect(JSON.stringify(seen)).not.toContain('hunter2');
    expect(seen).toMatchObject({
      message: '[redacted]',
      fields: { '[redacted]': 1, list: [{ deep: 'x[redacted]y' }] },
    });
  });

  test('lets nothing through that lies too deep to be looked at', () => {
    let value: unknown = SECRET;
    for (let depth = 0; depth < 12; depth++) value = { value };
    expect(JSON.stringify(cleaned({ value }))).not.toContain('hunter2');
  });

  test('bears what refers to itself, and keeps dates and addresses readable', () => {
    const circular: Record<string, unknown> = {
      when: new Date(0),
      where: new URL('https://x.example/'),
      none: null,
    };
    circular['self'] = circular;
    expect(cleaned({ circular }).fields).toEqual({
      circular: {
        when: '1970-01-01T00:00:00.000Z',
        where: 'https://x.example/',
        none: null,
        self: '[circular]',
      },
    });
  });

  test('never throws, whatever the host or a field does', () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const broken: Logger = { debug: fail, info: fail, warn: fail, error: fail };
    expect(() => redactingLogger(broken, String).error({}, 'm')).not.toThrow();
    expect(() => cleaned({ trap: { toJSON: fail } })).not.toThrow();
  });
});
