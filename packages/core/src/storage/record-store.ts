/** The type of a column. `json` holds any JSON value; every column may be null. */
export type ColumnType = 'text' | 'integer' | 'real' | 'boolean' | 'json';

/** A change of a collection's shape. Steps are applied once, in order, and never edited after a release. */
export interface MigrationStep {
  readonly addColumns?: Readonly<Record<string, ColumnType>> | undefined;
  /** Lists of column names to index. */
  readonly addIndexes?: readonly (readonly string[])[] | undefined;
  /** Totals to keep. They change how long a query takes, never what it answers; a driver may do without them. */
  readonly addRollUps?: readonly RollUpDefinition[] | undefined;
  /**
   * Columns to keep a second time, packed. Those of a later step replace those of an earlier one. As with roll-ups, a
   * driver may do without them.
   */
  readonly addSegments?: SegmentsDefinition | undefined;
}

/** Totals of a collection that are kept up to date with every write, by spans of time and by groups. */
export interface RollUpDefinition {
  /** Lower-case letters, digits and `_`; no two of a collection have the same. */
  readonly name: string;
  /** The column that holds a record's time: `integer`. */
  readonly time: string;
  /** The lengths of the spans, shortest first, each a multiple of the one before. They are counted from 1970, in UTC. */
  readonly spans: readonly number[];
  readonly by: readonly (string | ScaleGroup | EntryGroup)[];
  /** The columns whose `total` is kept: numbers, and the column of the entries that it is grouped by. */
  readonly totals?: readonly string[] | undefined;
  /** The columns whose values are counted. With its total too, a column has its `sum` and its `average`. */
  readonly counts?: readonly string[] | undefined;
}

/**
 * Columns of a collection that are kept column by column too, for some thousand records at a time. Every aggregate that
 * needs no other columns can be computed from them, several times as fast as from records.
 */
export interface SegmentsDefinition {
  /** The column that holds a record's time: `integer`. Segments outside of the period of a query are passed over. */
  readonly time: string;
  /** What queries filter, group and add up by. */
  readonly columns: readonly string[];
  /** How many records a segment holds, 1 to 65,536. Default: 4,096. */
  readonly size?: number | undefined;
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
        /** On `json`: it is a list that holds this text. */
        readonly includes?: string | undefined;
      };
}

/** Which records to read, and in which order. */
export interface RecordQuery {
  readonly where?: RecordFilter | undefined;
  /** `newest` is the same as `descending`, and `oldest` as `ascending`. Default: `newest`. */
  readonly order?: 'newest' | 'oldest' | 'descending' | 'ascending' | undefined;
  /** Order by this column, then by primary key; records where it is null are left out. Default: the primary key. */
  readonly orderBy?: string | undefined;
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

/** Groups by ranges of a numeric column. */
export interface RangeGroup {
  readonly column: string;
  /**
   * Where the ranges begin and end, rising; a record outside of all of them is left out. The group's value is where its
   * range begins. 2 to 10,001 whole numbers.
   */
  readonly bounds: readonly number[];
}

/** Groups by the magnitude of a numeric column. */
export interface ScaleGroup {
  readonly column: string;
  /**
   * Steps that are 32 to an octave from 1 on, and 1/32 wide below; everything below 0 is in the first, everything from
   * 2^31 on in the last. The group's value is the middle of the step: within 1.6 % of every value in it, and within 1/64
   * from 0 to 1.
   */
  readonly scale: 'logarithmic';
}

/** Groups by the keys of a `json` column that holds objects of numbers; a record counts once for each of its entries. */
export interface EntryGroup {
  /** A sum over this column is that of the entries' values. */
  readonly column: string;
  readonly each: 'entry';
}

/** What records are grouped by: the values of a column, or something made of them. The group's value is under its name. */
export type GroupKey = string | RangeGroup | ScaleGroup | EntryGroup;

/**
 * One figure of a group of records. Nulls are left out of sums and of `count` over a column. Where there is no value at
 * all, `sum` is null and `total` is 0. A `percentile` is the least of the values that so many percent of them do not
 * exceed (nearest rank), given as the middle of the step that it is in ({@link ScaleGroup}).
 */
export type Aggregate =
  | {
      readonly function: 'count';
      readonly column?: string | undefined;
      /** Which of the group's records the figure is about. Default: all of them. */
      readonly where?: RecordFilter | undefined;
    }
  | {
      readonly function: 'sum' | 'total' | 'average' | 'minimum' | 'maximum';
      readonly column: string;
      /** As with `count`. */
      readonly where?: RecordFilter | undefined;
    }
  | {
      readonly function: 'percentile';
      readonly column: string;
      readonly scale: 'logarithmic';
      /** 0.001 to 100, with three decimals at most. */
      readonly percent: number;
    };

/** Figures to compute in the store. */
export interface AggregateQuery {
  readonly where?: RecordFilter | undefined;
  readonly groupBy?: readonly GroupKey[] | undefined;
  readonly figures: Readonly<Record<string, Aggregate>>;
  readonly signal?: AbortSignal | undefined;
}

/** One group: the values of the columns it was grouped by, and its figures. */
export type AggregateRow = Readonly<Record<string, Scalar>>;

/** New values of some columns; those that are missing or undefined stay as they are. */
export type RecordChanges<Row> = { readonly [Column in keyof Row]?: Row[Column] | undefined };

/** The records of one collection. */
export interface RecordCollection<Row extends object> {
  /**
   * Add or replace a record. Returns at once; the record is written in the background, in order, and is seen by
   * every read that begins later in this process. A failed write is tried again and reported through `onError`.
   */
  put(row: Row): void;
  /** Change some columns of a record, in order with what was put. Nothing happens when there is none. */
  update(id: string, values: RecordChanges<Row>): void;
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
