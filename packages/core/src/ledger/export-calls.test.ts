import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleCall } from '../../test/sample-call.js';
import { createMemoryRecordStore } from '../storage/memory/memory-record-store.js';
import { createLedger } from './create-ledger.js';
import { csvLine } from './csv.js';
import type { LedgerExportQuery } from './export-calls.js';
import type { Ledger } from './ledger.js';
import { memoryLedger } from './memory-ledger.js';

const collect = async (ledger: Ledger, query: LedgerExportQuery): Promise<string> => {
  let text = '';
  for await (const piece of ledger.export(query)) text += piece;
  return text;
};

/** Reads CSV as RFC 4180 describes it. */
const parseCsv = (text: string): string[][] => {
  const lines: string[][] = [];
  let fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, bare = '', end] of text.matchAll(pattern)) {
    fields.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    lines.push(fields);
    fields = [];
  }
  return lines;
};

const withCalls = (count: number): Ledger => {
  const ledger = memoryLedger();
  for (let index = 0; index < count; index += 1) {
    ledger.record(sampleCall(`call-${String(index).padStart(5, '0')}`, { startedAt: index }));
  }
  return ledger;
};

describe('CSV', () => {
  test('comes back as it was, whatever the text', () => {
    const text = fc
      .array(fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '=', '-', 'é', '\t', '＝'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 2 }), (values) => {
        const [line = []] = parseCsv(csvLine(values));
        expect(line.map((field, index) => (field === `'${values[index]}` ? values[index] : field))).toEqual(
          values,
        );
      }),
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠x'])(
    'keeps the text %j from becoming a formula',
    (text) => {
      const [[field] = []] = parseCsv(csvLine([text, 'x']));
      expect(field).toBe(`'${text}`);
    },
  );

  test('has empty fields for null, numbers as they are, and JSON for lists and objects', () => {
    expect(csvLine([null, undefined, -1.5, true, '', ['a', '=b'], { fold: -1 }])).toBe(
      ',,-1.5,true,,"[""a"",""=b""]","{""fold"":-1}"\r\n',
    );
  });
});

describe('an export', () => {
  test('has a line of names and a line for each call, oldest first', async () => {
    const ledger = withCalls(3);
    const text = await collect(ledger, {
      format: 'csv',
      fields: ['id', 'startedAt', 'costUsd', 'tags'],
      before: 2,
    });
    expect(text).toBe(
      'id,startedAt,costUsd,tags\r\n' +
        'call-00000,1970-01-01T00:00:00.000Z,0.25,"[""a"",""b""]"\r\n' +
        'call-00001,1970-01-01T00:00:00.001Z,0.25,"[""a"",""b""]"\r\n',
    );
  });

  test('has all fields of a record unless asked otherwise', async () => {
    const text = await collect(withCalls(1), { format: 'csv' });
    const [names = [], values = []] = parseCsv(text);
    expect(names.toSorted()).toEqual(Object.keys(sampleCall('x')).toSorted());
    expect(values).toHaveLength(names.length);
  });

  test('of nothing is an empty array or a line of names', async () => {
    expect(JSON.parse(await collect(memoryLedger(), { format: 'json' }))).toEqual([]);
    expect(parseCsv(await collect(memoryLedger(), { format: 'csv', fields: ['id'] }))).toEqual([['id']]);
  });

  test('leaves out calls that begin after it did, so that it ends', async () => {
    const ledger = withCalls(1_200);
    let pieces = 0;
    for await (const piece of ledger.export({ format: 'json' })) {
      pieces += piece.length > 0 ? 1 : 0;
      ledger.record(sampleCall(`later-${pieces}`, { startedAt: Date.now() + 1_000 }));
      expect(pieces).toBeLessThan(10);
    }
    expect(pieces).toBe(5);
  });

  test('reads a page only when the one before was taken', async () => {
    let reads = 0;
    const store = createMemoryRecordStore();
    const ledger = createLedger({
      store: {
        ...store,
        collection(definition) {
          const calls = store.collection<never>(definition);
          return {
            ...calls,
            find: (query) => {
              reads += 1;
              return calls.find(query);
            },
          };
        },
      },
    });
    for (let index = 0; index < 1_600; index += 1)
      ledger.record(sampleCall(`c${index}`, { startedAt: index }));
    const pieces = ledger.export({ format: 'csv' })[Symbol.asyncIterator]();
    await pieces.next();
    expect(reads).toBe(0);
    await pieces.next();
    expect(reads).toBe(1);
    await pieces.return?.();
    expect(reads).toBe(1);
  });

  test('ends with the reason when it is cancelled between two pages', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const taken: string[] = [];
    const run = async () => {
      for await (const piece of withCalls(1_600).export({ format: 'csv', signal: controller.signal })) {
        taken.push(piece);
        if (taken.length === 2) controller.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(taken).toHaveLength(2);
  });

  test.each([{ format: 'xml' }, { format: 'csv', fields: [] }, { format: 'csv', fields: ['prompt'] }])(
    '%j is refused at once',
    (query) => {
      expect(() => memoryLedger().export(query as unknown as LedgerExportQuery)).toThrow(
        expect.objectContaining({ code: 'BAD_REQUEST' }),
      );
    },
  );
});
