import { badRequest } from '../openai/bad-request.js';

/**
 * Checks the names of a query's parameters. One that comes twice is refused: all but the first would be passed over.
 *
 * @param repeated - the one that may come several times
 * @throws MillraceError `BAD_REQUEST` that names the parameter.
 */
export const checkParameters = (
  query: URLSearchParams,
  known: ReadonlySet<string>,
  repeated: string,
): void => {
  for (const name of query.keys()) {
    const shown = name.slice(0, 40);
    if (!known.has(name))
      throw badRequest(shown, `\`${shown}\` is not known; there are ${[...known].join(', ')}.`);
    if (name !== repeated && query.getAll(name).length > 1)
      throw badRequest(shown, `\`${shown}\` is there twice. Give it once.`);
  }
};
