import { packageBuild } from '../../scripts/lib/package-build.ts';

export default packageBuild();
