import type { SegmentsDefinition } from '../storage/record-store.js';
import { CALL_TOTALS } from './call-roll-ups.js';

/** The columns that statistics filter, group and add up by, where no roll-up has all of them. */
export const CALL_SEGMENTS: SegmentsDefinition = {
  time: 'startedAt',
  columns: [
    'status',
    'errorCode',
    'provider',
    'model',
    'servedModel',
    'operation',
    'project',
    'user',
    'tags',
    'category',
    'experiment',
    'experimentArm',
    'routeMode',
    'cache',
    ...CALL_TOTALS,
    'compression',
  ],
};
