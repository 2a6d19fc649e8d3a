import type { JsonValue } from '../../model/json.js';
import type { CollectionDefinition, RecordCollection, RecordStore } from '../record-store.js';

/** A record with a column of every type. */
export interface Sample {
  readonly id: string;
  readonly at: number | null;
  readonly name: string | null;
  readonly score: number | null;
  readonly flag: boolean | null;
  readonly data: JsonValue;
}

/** The collection that the suite works on. */
export const SAMPLES: CollectionDefinition = {
  name: 'samples',
  primaryKey: 'id',
  migrations: [
    {
      addColumns: { id: 'text', at: 'integer', name: 'text', score: 'real', flag: 'boolean', data: 'json' },
      addIndexes: [['at'], ['name', 'at']],
    },
  ],
};

/** Runs a test on a fresh, empty store and closes it afterwards. */
export type WithStore = (run: (store: RecordStore) => Promise<void>) => () => Promise<void>;

/** A sample with nulls but for what is given. */
export const sample = (id: string, values: Partial<Sample> = {}): Sample => ({
  id,
  at: null,
  name: null,
  score: null,
  flag: null,
  data: null,
  ...values,
});

/** The collection of samples with records in it. */
export const samplesIn = (store: RecordStore, rows: readonly Sample[] = []): RecordCollection<Sample> => {
  const collection = store.collection<Sample>(SAMPLES);
  for (const row of rows) collection.put(row);
  return collection;
};

/** Ids of the records that a query finds. */
export const idsOf = (page: { readonly rows: readonly Sample[] }): readonly string[] =>
  page.rows.map((row) => row.id);
