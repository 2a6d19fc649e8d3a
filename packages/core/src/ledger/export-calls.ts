import { MillraceError } from '../model/errors/millrace-error.js';
import type { RecordCollection } from '../storage/record-store.js';
import { CALL_COLLECTION } from './call-collection.js';
import { csvLine } from './csv.js';
import { type LedgerFilter, toWhere } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';

/** What to export, and how. */
export interface LedgerExportQuery extends LedgerFilter {
  /**
   * `csv`: one line a call behind a line of names, as in RFC 4180. `json`: one array of records.
   */
  readonly format: 'csv' | 'json';
  /** The fields of a record that are exported. Default: all. */
  readonly fields?: readonly (keyof LedgerRecord)[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FIELDS = CALL_COLLECTION.migrations.flatMap((step) =>
  Object.keys(step.addColumns ?? {}),
) as readonly (keyof LedgerRecord)[];

/** Records of one piece of text: some hundred kilobytes. */
const PAGE = 500;

interface Writer {
  readonly begin: string;
  line(record: LedgerRecord, first: boolean): string;
  readonly end: string;
}

const csvWriter = (fields: readonly (keyof LedgerRecord)[]): Writer => ({
  begin: csvLine(fields),
  line: (record) =>
    csvLine(
      fields.map((name) => (name === 'startedAt' ? new Date(record[name]).toISOString() : record[name])),
    ),
  end: '',
});

const jsonWriter = (fields: readonly (keyof LedgerRecord)[]): Writer => ({
  begin: '[',
  line: (record, first) =>
    `${first ? '\n' : ',\n'}${JSON.stringify(Object.fromEntries(fields.map((name) => [name, record[name]])))}`,
  end: '\n]\n',
});

const writers: Readonly<Record<LedgerExportQuery['format'], (fields: LedgerExportFields) => Writer>> = {
  csv: csvWriter,
  json: jsonWriter,
};
type LedgerExportFields = readonly (keyof LedgerRecord)[];

const checkFields = (fields: LedgerExportFields): void => {
  const unknown = fields.find((name) => !FIELDS.includes(name));
  if (unknown !== undefined || fields.length === 0) {
    throw new MillraceError(
      'BAD_REQUEST',
      `A record has no field "${unknown ?? ''}". It has ${FIELDS.join(', ')}.`,
    );
  }
};

/**
 * Writes calls as text, oldest first, page by page: the next page is read when the one before has been taken, so that
 * memory stays small however many there are. Calls that begin after the export did are left out.
 */
export const exportCalls = (
  calls: RecordCollection<LedgerRecord>,
  { format, fields = FIELDS, signal, ...filter }: LedgerExportQuery,
): AsyncIterable<string> => {
  if (!Object.hasOwn(writers, format)) {
    throw new MillraceError('BAD_REQUEST', '"format" must be "csv" or "json".');
  }
  checkFields(fields);
  const writer = writers[format](fields);
  const where = toWhere({
    ...filter,
    before: Math.min(filter.before ?? Number.POSITIVE_INFINITY, Date.now() + 1),
  });
  return (async function* () {
    signal?.throwIfAborted();
    yield writer.begin;
    let cursor: string | undefined;
    let first = true;
    do {
      const page = await calls.find({
        where,
        orderBy: 'startedAt',
        order: 'ascending',
        limit: PAGE,
        cursor,
        signal,
      });
      let text = '';
      for (const record of page.rows) {
        text += writer.line(record, first);
        first = false;
      }
      if (text !== '') yield text;
      signal?.throwIfAborted();
      cursor = page.next;
    } while (cursor !== undefined);
    if (writer.end !== '') yield writer.end;
  })();
};
