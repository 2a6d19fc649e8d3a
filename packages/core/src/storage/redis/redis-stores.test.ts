import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import { freshName, withService } from '../../../test/stores/services.js';
import { describeCounterStore } from '../conformance/describe-counter-store.js';
import { describeValueStore } from '../conformance/describe-value-store.js';
import { createRedisCounterStore } from './redis-counter-store.js';
import { createRedisValueStore } from './redis-value-store.js';

withService('REDIS', (url) => {
  const client = new Redis(url, { autoResendUnfulfilledCommands: false });
  afterAll(() => client.disconnect());

  describeCounterStore('Redis', (now) =>
    createRedisCounterStore({ client, prefix: `{${freshName()}}:`, now }),
  );
  describeValueStore('Redis', () => ({
    store: createRedisValueStore({ client, prefix: `{${freshName()}}:` }),
    advance: (milliseconds) => sleep(milliseconds),
  }));
});
