import type { CollectionDefinition } from '../storage/record-store.js';

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
  ],
};
