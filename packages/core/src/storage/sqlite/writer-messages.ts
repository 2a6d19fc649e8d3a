import type { CollectionShape } from '../collection-shape.js';
import type { CollectionDefinition } from '../record-store.js';
import type { StoredRow, StoredValue } from '../stored-value.js';
import type { RecordChange } from './collection-writer.js';
import type { SentFailure } from './sent-failure.js';

// What a store and its writing thread say to each other. A collection is named by its place in the order of opening.

/** A change as it travels: columns by their place, because a thread has columns of its own. */
export type SentChange =
  | readonly [collection: number, kind: 'put', values: StoredRow]
  | readonly [
      collection: number,
      kind: 'update',
      id: string,
      changes: readonly (readonly [number, StoredValue])[],
    ]
  | readonly [collection: number, kind: 'remove', id: string];

export type WriterRequest =
  | { readonly open: CollectionDefinition }
  | { readonly batch: number; readonly changes: readonly SentChange[] }
  | { readonly close: true };

export type WriterAnswer =
  /** Written, save those that can never be. */
  | { readonly bad: readonly { readonly place: number; readonly failure: SentFailure }[] }
  | { readonly failure: SentFailure };

/** Places in the memory that both sides share. */
export const STOP = 0;
/** The number of the last batch that was committed. */
export const COMMITTED = 1;

export const toSent = (collection: number, change: RecordChange): SentChange => {
  switch (change.kind) {
    case 'put':
      return [collection, 'put', change.values];
    case 'remove':
      return [collection, 'remove', change.id];
    case 'update':
      return [
        collection,
        'update',
        change.id,
        [...change.changes].map(([column, value]) => [column.index, value] as const),
      ];
  }
};

export const fromSent = (shape: CollectionShape, sent: SentChange): RecordChange => {
  if (sent[1] === 'put') return { kind: 'put', values: sent[2] };
  if (sent[1] === 'remove') return { kind: 'remove', id: sent[2] };
  const changes = sent[3].flatMap(([index, value]) => {
    const column = shape.columns[index];
    return column === undefined ? [] : [[column, value] as const];
  });
  return { kind: 'update', id: sent[2], changes: new Map(changes) };
};
