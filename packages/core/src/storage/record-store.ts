/** The type of a column. `json` holds any JSON value; every column may be null. */
export type ColumnType = 'text' | 'integer' | 'real' | 'boolean' | 'json';

/** A change of a collection's shape. Steps are applied once, in order, and never edited after a release. */
export interface MigrationStep {
  readonly addColumns?: Readonly<Record<string, ColumnType>> | undefined;
  /** Lists of column names to index. */
  readonly addIndexes?: readonly (readonly string[])[] | undefined;
}

/** The shape of a set of records: the sum of its migration steps. */
export interface CollectionDefinition {
  /** Lower-case letters, digits and `_`; the table's name in a database. */
  readonly name: string;
  /** The column that identifies a record; `text`, and sorted by it records are in order of creation. */
  readonly primaryKey: string;
  readonly migrations: readonly MigrationStep[];
}

/** A value of a column that a filter can compare. */
export type Scalar = string | number | boolean | null;

/** What a record must fulfil; several entries all hold. */
export interface RecordFilter {
  readonly [column: string]:
    | Scalar
    | {
        readonly in?: readonly Scalar[] | undefined;
        /** At least. */
        readonly from?: string | number | undefined;
        /** Less than. */
        readonly before?: string | number | undefined;
      };
}

/** Which records to read, and in which order. */
export interface RecordQuery {
  readonly where?: RecordFilter | undefined;
  /** By primary key. Default: `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined;
  /** 1 to 1000. Default: 100. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A stretch of the records that a query found. */
export interface RecordPage<Row> {
  readonly rows: readonly Row[];
  /** Hand it to the next query to go on; absent on the last page. */
  readonly next?: string | undefined;
}

/** One figure of a group of records. Nulls are left out of sums and of `count` over a column. */
export type Aggregate =
  | { readonly function: 'count'; readonly column?: string | undefined }
  | { readonly function: 'sum' | 'average' | 'minimum' | 'maximum'; readonly column: string };

/** Figures to compute in the store. */
export interface AggregateQuery {
  readonly where?: RecordFilter | undefined;
  readonly groupBy?: readonly string[] | undefined;
  readonly figures: Readonly<Record<string, Aggregate>>;
  readonly signal?: AbortSignal | undefined;
}

/** One group: the values of the columns it was grouped by, and its figures. */
export type AggregateRow = Readonly<Record<string, Scalar>>;

/** The records of one collection. */
export interface RecordCollection<Row extends object> {
  /**
   * Add or replace a record. Returns at once; the record is written in the background, in order, and is seen by
   * every read that begins later in this process. A failed write is tried again and reported through `onError`.
   */
  put(row: Row): void;
  /** Take a record out, in order with what was put. No error when there is none. */
  remove(id: string): void;
  get(id: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Row | undefined>;
  find(query?: RecordQuery): Promise<RecordPage<Row>>;
  aggregate(query: AggregateQuery): Promise<readonly AggregateRow[]>;
  /**
   * Resolves when everything put so far is written.
   *
   * @throws MillraceError `STORAGE` when it cannot be written.
   */
  flush(): Promise<void>;
}

/**
 * Records with simple queries, in memory or in a database. Drivers behave alike: one suite,
 * `describeRecordStore` of `@millrace/core/testing`, runs against each.
 */
export interface RecordStore {
  /**
   * Open a collection; its missing migration steps are applied first. Safe to call from many processes at once.
   *
   * @throws MillraceError `BAD_REQUEST` when the definition is not valid, `STORAGE` when the store cannot be opened or
   * is of a newer version than the definition. A store over a network throws the latter from the first `flush()` or
   * read instead.
   */
  collection<Row extends object>(definition: CollectionDefinition): RecordCollection<Row>;
  /** Write what is pending and let go of everything. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
