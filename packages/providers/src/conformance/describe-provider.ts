import { describe, test } from 'vitest';
import { PROVIDER_CASES } from './provider-cases.js';
import { checkSkips, type ProviderUnderTest, runProviderCase } from './provider-under-test.js';

/**
 * Proves that a provider behaves like every other. Call it at the top level of a vitest test file; `vitest` is an
 * optional peer that only this needs.
 *
 * @param name - The provider, for titles.
 */
export const describeProvider = (name: string, subject: ProviderUnderTest): void => {
  checkSkips(subject);
  describe(`${name} as a provider`, () => {
    test.for(PROVIDER_CASES.map((one) => [one.name, one] as const))(
      '%s',
      { timeout: 60_000 },
      async ([, one], { skip }) => {
        const result = await runProviderCase(one, subject);
        if (result.outcome === 'left-out') skip(result.reason);
        if (result.outcome === 'failed') throw result.error;
      },
    );
  });
};
