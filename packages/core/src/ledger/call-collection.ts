import type { CollectionDefinition } from '../storage/record-store.js';
import { CALL_ROLL_UPS } from './call-roll-ups.js';
import { CALL_SEGMENTS } from './call-segments.js';

/** How ledger records are stored. Steps are never edited after a release; a new column is a new step. */
export const CALL_COLLECTION: CollectionDefinition = {
  name: 'calls',
  primaryKey: 'id',
  migrations: [
    {
      addColumns: {
        id: 'text',
        startedAt: 'integer',
        status: 'text',
        errorCode: 'text',
        finishReason: 'text',
        requestedModel: 'text',
        provider: 'text',
        model: 'text',
        servedModel: 'text',
        routeReason: 'text',
        operation: 'text',
        tokensIn: 'integer',
        tokensOut: 'integer',
        tokensCacheRead: 'integer',
        tokensCacheWrite: 'integer',
        tokensReasoning: 'integer',
        estimated: 'boolean',
        costUsd: 'real',
        latencyMs: 'real',
        timeToFirstTokenMs: 'real',
        project: 'text',
        user: 'text',
        tags: 'json',
      },
      // Every report and every budget asks for a period, mostly of one project or user.
      addIndexes: [['startedAt'], ['project', 'startedAt'], ['user', 'startedAt']],
    },
    { addColumns: { groupId: 'text', attempt: 'integer' }, addIndexes: [['groupId']] },
    { addColumns: { cache: 'text', savedUsd: 'real', tokensSaved: 'integer' } },
    {
      addColumns: {
        category: 'text',
        complexity: 'integer',
        rating: 'real',
        experiment: 'text',
        experimentArm: 'text',
        budgetLeftUsd: 'real',
        tokensBeforeCompression: 'integer',
        tokensAfterCompression: 'integer',
        compression: 'json',
        routeMode: 'text',
        failover: 'boolean',
      },
      // For lists of calls by one of these, and for the two columns that calls are sorted by.
      addIndexes: [
        ['provider', 'startedAt'],
        ['model', 'startedAt'],
        ['category', 'startedAt'],
        ['status', 'startedAt'],
        ['experiment', 'startedAt'],
        ['costUsd'],
        ['latencyMs'],
      ],
      addRollUps: CALL_ROLL_UPS,
    },
    { addSegments: CALL_SEGMENTS },
  ],
};
