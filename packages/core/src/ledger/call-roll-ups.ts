import type { RollUpDefinition } from '../storage/record-store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Short spans for the ends of a period, ever longer ones for what is between. Time zones differ from UTC by quarters of an
// hour, so that the figures without groups, which are drawn most often, are kept by those too.
const SPANS = [HOUR, DAY, 8 * DAY];

/** The columns that statistics add up. */
export const CALL_TOTALS: readonly string[] = [
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

const figures = {
  time: 'startedAt',
  spans: SPANS,
  totals: CALL_TOTALS,
  counts: ['costUsd', 'cache', 'latencyMs', 'timeToFirstTokenMs', 'rating'],
};

/**
 * The totals that statistics need, each by a few columns only: by all of them at once there would be as many totals as
 * calls. The first that has what a query asks for answers it, so that the small ones come first.
 */
export const CALL_ROLL_UPS: readonly RollUpDefinition[] = [
  { ...figures, name: 'time', spans: [15 * MINUTE, ...SPANS], by: ['status'] },
  { ...figures, name: 'provider', by: ['status', 'provider'] },
  { ...figures, name: 'model', by: ['status', 'provider', 'model'] },
  { ...figures, name: 'category', by: ['status', 'category', 'provider', 'model'] },
  { ...figures, name: 'project', by: ['status', 'project'] },
  {
    name: 'compression',
    time: 'startedAt',
    spans: SPANS,
    by: ['status', { column: 'compression', each: 'entry' }],
    totals: ['compression'],
  },
];
