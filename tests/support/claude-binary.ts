import { existsSync } from 'node:fs';

/**
 * The real `claude` program, where one was installed for the tests: `scripts/test-claude.sh` does so, because it is too
 * large for everybody's installation. `undefined` where there is none.
 */
export const claudeBinary = (): string | undefined => {
  const path = process.env['MILLRACE_TEST_CLAUDE'];
  return path !== undefined && existsSync(path) ? path : undefined;
};
