import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterAll } from 'vitest';
import { freshName, withService } from '../../../test/stores/services.js';
import { describeCounterStore } from '../conformance/describe-counter-store.js';
import { describeRecordStore } from '../conformance/describe-record-store.js';
import { describeValueStore } from '../conformance/describe-value-store.js';
import { createPostgresCounterStore } from './postgres-counter-store.js';
import { createPostgresRecordStore } from './postgres-record-store.js';
import { createPostgresValueStore } from './postgres-value-store.js';

withService('POSTGRES', (url) => {
  const pool = new Pool({ connectionString: url, max: 10 });
  afterAll(() => pool.end());

  describeRecordStore('Postgres', () => createPostgresRecordStore({ pool, schema: freshName() }));
  describeCounterStore('Postgres', (now) => createPostgresCounterStore({ pool, schema: freshName(), now }));
  describeValueStore('Postgres', () => ({
    store: createPostgresValueStore({ pool, schema: freshName() }),
    advance: (milliseconds) => sleep(milliseconds),
  }));
});
