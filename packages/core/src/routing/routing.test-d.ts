import { expectTypeOf, test } from 'vitest';
import type { LedgerRecord } from '../ledger/ledger-record.js';
import type { Reply } from '../model/reply.js';
import type { CallOutcome, EvaluatedReply, TaskClassifier } from './index.js';
import { classifyTask } from './index.js';

test('the classifier is a task classifier', () => {
  expectTypeOf(classifyTask).toExtend<TaskClassifier>();
});

test('a ledger record says how a call ended, and a reply can be evaluated', () => {
  expectTypeOf<LedgerRecord>().toExtend<CallOutcome>();
  expectTypeOf<Reply>().toExtend<EvaluatedReply>();
});
