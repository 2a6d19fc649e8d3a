// Runs in a thread: writes the records of a store on a connection of its own, so that neither a transaction nor the
// totals that are kept with it hold up the event loop of the host.
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type CollectionShape, shapeOf } from '../collection-shape.js';
import { type CollectionWriter, createCollectionWriter } from './collection-writer.js';
import { openDatabase } from './open-database.js';
import { toFailure } from './sent-failure.js';
import { type PendingRow, writeRows } from './write-rows.js';
import {
  COMMITTED,
  fromSent,
  type SentChange,
  STOP,
  type WriterAnswer,
  type WriterRequest,
} from './writer-messages.js';

const { path, shared } = workerData as { readonly path: string; readonly shared: Int32Array };
const shapes: CollectionShape[] = [];
const writers = new Map<CollectionShape, CollectionWriter>();
let database: DatabaseSync | undefined;

const writerOf = (opened: DatabaseSync, shape: CollectionShape): CollectionWriter => {
  const known = writers.get(shape) ?? createCollectionWriter(opened, shape);
  writers.set(shape, known);
  return known;
};

const rowOf = (opened: DatabaseSync, sent: SentChange): PendingRow => {
  const shape = shapes[sent[0]];
  if (shape === undefined) throw new Error('a record belongs to no collection that was opened');
  return { writer: writerOf(opened, shape), change: fromSent(shape, sent) };
};

const write = (changes: readonly SentChange[]): WriterAnswer => {
  database ??= openDatabase(path);
  const opened = database;
  const rows = changes.map((change) => rowOf(opened, change));
  const bad: { place: number; failure: ReturnType<typeof toFailure> }[] = [];
  const mayCommit = (): boolean => Atomics.load(shared, STOP) === 0;
  writeRows(
    opened,
    rows,
    (row, cause) => bad.push({ place: rows.indexOf(row), failure: toFailure(cause) }),
    mayCommit,
  );
  return { bad };
};

const answer = (request: Extract<WriterRequest, { batch: number }>): WriterAnswer => {
  try {
    const written = write(request.changes);
    Atomics.store(shared, COMMITTED, request.batch);
    return written;
  } catch (error) {
    return { failure: toFailure(error) };
  }
};

parentPort?.on('message', (request: WriterRequest) => {
  if ('open' in request) shapes.push(shapeOf(request.open));
  else if ('batch' in request) parentPort?.postMessage(answer(request));
  else {
    database?.close();
    parentPort?.close();
  }
});
