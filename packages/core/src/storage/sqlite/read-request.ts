import type { Sql } from '../statement.js';
import type { StoredRow } from '../stored-value.js';
import type { FigureTable } from './segments/figure-table.js';
import type { SegmentFind } from './segments/segment-find.js';
import type { SegmentQuery } from './segments/segment-query.js';
import type { SentFailure } from './sent-failure.js';

/** What a thread is to read. */
export interface ReadRequest extends Sql {
  /** The same as a query of segments, which are asked first. */
  readonly segments?: SegmentQuery | undefined;
  /** The same where records are looked for. */
  readonly find?: SegmentFind | undefined;
}

/** What was read; the table only where segments were asked for. */
export type ReadResult = { readonly rows: readonly StoredRow[] } | { readonly table: FigureTable };

/** What a thread answers. */
export type ReadAnswer = ReadResult | { readonly failure: SentFailure };
