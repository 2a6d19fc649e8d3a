import { test } from 'vitest';

/** The address of a real service, from `scripts/test-stores.sh`. */
const addressOf = (service: 'POSTGRES' | 'REDIS'): string | undefined => {
  const address = process.env[`MILLRACE_TEST_${service}_URL`];
  return address === '' ? undefined : address;
};

/** Declares tests that need a service; one test that is skipped and says why stands for them where there is none. */
export const withService = (service: 'POSTGRES' | 'REDIS', declare: (url: string) => void): void => {
  const url = addressOf(service);
  if (url !== undefined) declare(url);
  else test.skip(`MILLRACE_TEST_${service}_URL is not set: run scripts/test-stores.sh`, () => undefined);
};

let names = 0;

/** A name that no other test file and no other process uses. */
export const freshName = (): string => {
  names += 1;
  return `test_${process.pid}_${Date.now().toString(36)}_${names}`;
};
