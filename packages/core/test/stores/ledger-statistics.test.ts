import { createLedger } from '../../src/ledger/index.js';
import { createPostgresRecordStore } from '../../src/storage/postgres/index.js';
import { describeLedgerStatistics } from '../ledger-statistics.js';
import { freshName, withService } from './services.js';

withService('POSTGRES', (url) => {
  describeLedgerStatistics('in Postgres', () =>
    createLedger({ store: createPostgresRecordStore({ url, schema: freshName() }) }),
  );
});
