import type { Secret } from './secret.js';

/** Work with a secret and dispose of it, whatever happens. */
export const disposing = async <Result>(
  secret: Secret,
  work: (secret: Secret) => Promise<Result>,
): Promise<Result> => {
  try {
    return await work(secret);
  } finally {
    secret.dispose();
  }
};
