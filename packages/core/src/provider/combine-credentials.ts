import { isPromise } from '../internal/is-promise.js';
import type { Credential, CredentialSource } from './credential-source.js';

/** A source that asks others in turn: the first that has a key gives it. */
export const combineCredentials = (...sources: readonly CredentialSource[]): CredentialSource => {
  type Found = ReturnType<CredentialSource['get']>;
  const ask = (index: number, query: Parameters<CredentialSource['get']>[0]): Found => {
    const source = sources[index];
    if (source === undefined) return undefined;
    const next = (found: Credential | undefined): Found => found ?? ask(index + 1, query);
    const found = source.get(query);
    return isPromise(found) ? Promise.resolve(found).then(next) : next(found);
  };
  return {
    get: (query) => ask(0, query),
    async replace(query, refused, code) {
      for (const source of sources) {
        const found = await source.replace?.(query, refused, code);
        if (found !== undefined && found.apiKey !== refused.apiKey) return found;
      }
      return undefined;
    },
  };
};
