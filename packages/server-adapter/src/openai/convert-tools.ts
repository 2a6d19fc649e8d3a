import type { FunctionTool, JsonSchema, ToolChoice } from '@millrace/core/model';
import { badRequest } from './bad-request.js';
import type { ChatCompletionRequest, ChatCompletionTool } from './chat-completion-request.js';
import { vendorFields } from './vendor-fields.js';

/** The tools of a request and how they are to be used. */
export interface ConvertedTools {
  readonly tools: readonly FunctionTool[] | undefined;
  readonly toolChoice: ToolChoice | undefined;
}

const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {} };

const toTool = ({ type, function: definition, ...rest }: ChatCompletionTool): FunctionTool => {
  const { name, description, parameters, strict, ...details } = definition;
  return {
    type,
    name,
    description: description ?? undefined,
    // It comes out of a JSON body, so it is JSON.
    inputSchema: (parameters as JsonSchema | null | undefined) ?? NO_ARGUMENTS,
    strict: strict ?? undefined,
    providerOptions: vendorFields({ ...rest, ...details }),
  };
};

const requireTool = (tools: readonly FunctionTool[] | undefined, name: string, param: string): void => {
  if (tools?.some((tool) => tool.name === name)) return;
  throw badRequest(param, `'${param}' names the tool '${name}', which is not in 'tools'.`);
};

/**
 * Tools and tool choice. `allowed_tools` becomes a shorter list of tools, which every vendor understands.
 *
 * @throws MillraceError `BAD_REQUEST` when a choice names a tool that is not there.
 */
export const toTools = (request: ChatCompletionRequest): ConvertedTools => {
  const given = request.tools;
  const tools = given == null || given.length === 0 ? undefined : given.map(toTool);
  const choice = request.tool_choice;
  if (choice == null) return { tools, toolChoice: undefined };
  if (typeof choice === 'string') {
    if (tools === undefined && choice === 'required') {
      throw badRequest('tool_choice', "'tool_choice' is 'required', but there are no 'tools'.");
    }
    return { tools, toolChoice: tools === undefined ? undefined : { type: choice } };
  }
  if (choice.type === 'function') {
    requireTool(tools, choice.function.name, 'tool_choice.function.name');
    return { tools, toolChoice: { type: 'tool', toolName: choice.function.name } };
  }
  const { mode, tools: allowed } = choice.allowed_tools;
  for (const [index, { function: named }] of allowed.entries()) {
    requireTool(tools, named.name, `tool_choice.allowed_tools.tools[${index}].function.name`);
  }
  const names = new Set(allowed.map((tool) => tool.function.name));
  return { tools: tools?.filter((tool) => names.has(tool.name)), toolChoice: { type: mode } };
};
