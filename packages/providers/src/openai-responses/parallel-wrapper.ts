import { asList, asObject, asText, isObject, parseJson } from '../transport/index.js';

/** One call inside a wrapper. */
export interface WrappedCall {
  readonly toolName: string;
  /** The arguments as JSON text. */
  readonly input: string;
}

/** Names by which a model wraps several calls into one, without having been offered such a tool. */
const WRAPPERS: ReadonlySet<string> = new Set(['parallel', 'multi_tool_use.parallel', 'multi_tool_use']);

/** Whether a call of that name may be a wrapper around others. */
export const mayWrap = (name: string, offered: ReadonlySet<string>): boolean =>
  WRAPPERS.has(name) && !offered.has(name);

/** The calls inside a wrapper; `undefined` when it holds none. */
export const unwrapCalls = (input: string): readonly WrappedCall[] | undefined => {
  const { tool_uses } = asObject<{ tool_uses?: unknown }>(parseJson(input));
  const calls = asList(tool_uses).flatMap((use): WrappedCall[] => {
    const { recipient_name, parameters } = asObject<{ recipient_name?: unknown; parameters?: unknown }>(use);
    const toolName = asText(recipient_name)?.replace(/^functions\./, '');
    return toolName === undefined
      ? []
      : [{ toolName, input: JSON.stringify(isObject(parameters) ? parameters : {}) }];
  });
  return calls.length === 0 ? undefined : calls;
};
