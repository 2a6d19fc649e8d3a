import { packageDocs } from '../../scripts/lib/package-docs.mjs';

export default packageDocs(import.meta.dirname);
