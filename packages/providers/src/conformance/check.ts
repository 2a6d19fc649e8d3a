import { isDeepStrictEqual } from 'node:util';

/** @throws Error with the message when the condition does not hold. */
export const check: (condition: unknown, message: string) => asserts condition = (condition, message) => {
  if (!condition) throw new Error(message);
};

const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 500) ?? String(value);

/** @throws Error that shows both when they differ. */
export const equal = (found: unknown, wanted: unknown, what: string): void =>
  check(isDeepStrictEqual(found, wanted), `${what} is ${show(found)}, and should be ${show(wanted)}.`);

/** Wait for something, but not for ever. */
export const inTime = async <Value>(work: Promise<Value>, what: string, ms = 5_000): Promise<Value> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
