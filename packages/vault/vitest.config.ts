import { packageTests } from '../../scripts/lib/package-tests.ts';

export default packageTests(import.meta.dirname);
