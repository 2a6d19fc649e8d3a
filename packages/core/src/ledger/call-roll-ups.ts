import type { RollUpDefinition } from '../storage/record-store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Hours for the ends of a period, days and 32 days for what is between. Time zones differ from UTC by quarters of an
// hour, so that figures over time, which are cut at every midnight of a zone, have a roll-up by quarters.
const SPANS = [HOUR, DAY, 32 * DAY];

const SUMS = [
  'tokensIn',
  'tokensOut',
  'tokensCacheRead',
  'tokensCacheWrite',
  'costUsd',
  'savedUsd',
  'tokensSaved',
  'latencyMs',
  'timeToFirstTokenMs',
  'rating',
  'tokensBeforeCompression',
  'tokensAfterCompression',
];

const COUNTS = ['cache'];

const figures = { time: 'startedAt', spans: SPANS, sums: SUMS, counts: COUNTS };

/**
 * The totals that statistics need, each by a few columns only: by all of them at once there would be as many totals as
 * calls. The first that has what a query asks for answers it, so they are in the order of their size.
 */
export const CALL_ROLL_UPS: readonly RollUpDefinition[] = [
  { ...figures, name: 'time', spans: [15 * MINUTE, DAY, 32 * DAY], by: ['status'] },
  { ...figures, name: 'model', by: ['status', 'provider', 'model', 'category'] },
  { ...figures, name: 'project', by: ['status', 'project', 'provider', 'model'] },
  { ...figures, name: 'user', by: ['status', 'user'] },
  {
    name: 'latency',
    time: 'startedAt',
    spans: SPANS,
    by: ['status', 'provider', 'model', { column: 'latencyMs', scale: 'logarithmic' }],
  },
  {
    name: 'first_token',
    time: 'startedAt',
    spans: SPANS,
    by: ['status', 'provider', 'model', { column: 'timeToFirstTokenMs', scale: 'logarithmic' }],
  },
  {
    name: 'compression',
    time: 'startedAt',
    spans: SPANS,
    by: ['status', { column: 'compression', each: 'entry' }],
    sums: ['compression'],
  },
];
