import type { StandardSchemaV1 } from '@standard-schema/spec';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { Reply } from '../model/reply.js';
import type { HostSchema, OutputInput } from './chat-request.js';
import { isHostSchema } from './normalise-request.js';

const SHOWN_ISSUES = 5;

/**
 * The value that the answer holds, checked by the host's schema. A plain JSON Schema is the vendor's matter: here the
 * text is only parsed.
 *
 * @throws MillraceError `INVALID_OUTPUT`; the reply is its `cause`, so that nothing is lost, unless the schema itself threw.
 */
export const parseOutput = async <Value>(
  output: OutputInput<Value> | undefined,
  reply: Reply,
): Promise<unknown> => {
  if (output === undefined || reply.toolCalls.length > 0) return undefined;
  const fail = (why: string, cause: unknown = reply): MillraceError => {
    const cut = reply.finishReason === 'length' ? ' The answer was cut off: raise `maxOutputTokens`.' : '';
    return new MillraceError('INVALID_OUTPUT', `The answer ${why}.${cut}`, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(reply.text);
  } catch {
    throw fail(reply.refusal === undefined ? 'is not JSON' : 'is a refusal');
  }
  if (!isHostSchema(output.schema)) return value;
  const result = await validate(output.schema, value, (error) =>
    fail('could not be checked: the schema threw', error),
  );
  if (result.issues === undefined) return result.value;
  const paths = result.issues.slice(0, SHOWN_ISSUES).map(({ path }) => describePath(path));
  throw fail(`does not fit the schema at ${paths.join(', ')}`);
};

/** Whether an answer holds what was asked for. */
export const acceptsOf = <Value>(
  output: OutputInput<Value> | undefined,
): ((reply: Reply) => Promise<boolean>) | undefined =>
  output === undefined
    ? undefined
    : (reply) =>
        parseOutput(output, reply).then(
          () => true,
          () => false,
        );

const validate = async <Value>(
  schema: HostSchema<Value>,
  value: unknown,
  describe: (error: unknown) => MillraceError,
): Promise<StandardSchemaV1.Result<Value>> => {
  try {
    return await schema['~standard'].validate(value);
  } catch (error) {
    throw describe(error);
  }
};

const describePath = (path: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined): string =>
  path === undefined || path.length === 0
    ? 'its root'
    : path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
