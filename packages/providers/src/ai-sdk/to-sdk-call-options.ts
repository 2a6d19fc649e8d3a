import type {
  JSONSchema7,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool,
} from '@ai-sdk/provider';
import type { FunctionTool, ModelRequest } from '@millrace/core/model';
import { asList, asObject, type LossReport } from '../transport/index.js';
import { asOptions, carriedIn, unpack } from './carried.js';
import { toSdkPrompt } from './to-sdk-prompt.js';

/**
 * A request of ours as the options of a call of the AI SDK.
 *
 * @throws MillraceError `BAD_REQUEST` for a file whose URL is none.
 */
export const toSdkCallOptions = (
  request: ModelRequest,
  abortSignal: AbortSignal,
  losses: LossReport,
): LanguageModelV4CallOptions => {
  if (request.parallelToolCalls === false)
    losses.add('unsupported', 'parallelToolCalls', 'Set it in the providerOptions of the vendor.');
  const carried = carriedIn(request.providerOptions);
  const tools = writeTools(request.tools, carried['tools']);
  const options: { [Key in keyof LanguageModelV4CallOptions]: LanguageModelV4CallOptions[Key] | undefined } =
    {
      prompt: toSdkPrompt(request.messages, losses),
      tools,
      toolChoice:
        request.toolChoice ?? (unpack(carried['toolChoice']) as LanguageModelV4CallOptions['toolChoice']),
      responseFormat: writeResponseFormat(request.responseFormat, losses),
      maxOutputTokens: request.maxOutputTokens,
      temperature: request.temperature,
      topP: request.topP,
      topK: request.topK,
      presencePenalty: request.presencePenalty,
      frequencyPenalty: request.frequencyPenalty,
      stopSequences: request.stopSequences && [...request.stopSequences],
      seed: request.seed,
      reasoning: request.reasoning,
      headers: request.headers && { ...request.headers },
      ...asOptions(request.providerOptions),
      abortSignal,
    };
  // Models of third parties may take a key for a setting, also when its value is undefined.
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as LanguageModelV4CallOptions;
};

const writeTools = (
  functions: readonly FunctionTool[] | undefined,
  others: unknown,
): LanguageModelV4CallOptions['tools'] => {
  if (functions === undefined && others === undefined) return undefined;
  const tools: NonNullable<LanguageModelV4CallOptions['tools']> = (functions ?? []).map(writeTool);
  for (const kept of asList(others)) {
    const { index, ...tool } = asObject<Record<string, unknown>>(unpack(kept));
    const place = typeof index === 'number' ? index : tools.length;
    tools.splice(place, 0, { type: 'provider', args: {}, ...tool } as LanguageModelV4ProviderTool);
  }
  return tools;
};

const writeTool = (tool: FunctionTool): LanguageModelV4FunctionTool => {
  const { name, description, inputSchema, strict, providerOptions } = tool;
  const inputExamples = unpack(carriedIn(providerOptions)['inputExamples']);
  return {
    type: 'function',
    name,
    inputSchema: inputSchema as JSONSchema7,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
    ...(Array.isArray(inputExamples) && { inputExamples }),
    ...asOptions(providerOptions),
  };
};

const writeResponseFormat = (
  format: ModelRequest['responseFormat'],
  losses: LossReport,
): LanguageModelV4CallOptions['responseFormat'] => {
  if (format?.type !== 'json') return format;
  const { schema, name, description, strict } = format;
  if (strict !== undefined)
    losses.add('unsupported', 'strict response format', 'Set it in the providerOptions of the vendor.');
  return {
    type: 'json',
    ...(schema !== undefined && { schema: schema as JSONSchema7 }),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
};
