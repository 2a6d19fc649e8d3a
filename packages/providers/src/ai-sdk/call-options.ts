import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { ChatRequest } from '@millrace/core/gateway';
import type { FunctionTool, JsonSchema, ModelRequest, ProviderOptions, Warning } from '@millrace/core/model';
import { promptIn } from './prompt-in.js';
import { promptOut } from './prompt-out.js';

/** What a caller of the AI SDK may say to the gateway, under `providerOptions.millrace`. */
export type GatewayCallOptions = Pick<
  ChatRequest,
  'project' | 'user' | 'tags' | 'timeLimits' | 'retry' | 'cache'
>;

/** A call of the AI SDK as a request of the gateway. */
export const requestIn = (
  model: string | undefined,
  options: LanguageModelV4CallOptions,
): { readonly request: ChatRequest; readonly warnings: readonly Warning[] } => {
  const warnings: Warning[] = [];
  const warn = (warning: Warning): void => void warnings.push(warning);
  const { millrace, ...others } = options.providerOptions ?? {};
  const tools = toolsIn(options.tools, warn);
  const { responseFormat: format, reasoning } = options;
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const request: ChatRequest = {
    ...(millrace as GatewayCallOptions | undefined),
    model,
    messages: promptIn(options.prompt, warn),
    tools,
    toolChoice: tools === undefined ? undefined : options.toolChoice,
    responseFormat:
      format?.type === 'json' ? { ...format, schema: format.schema as JsonSchema | undefined } : format,
    maxOutputTokens: options.maxOutputTokens,
    temperature: options.temperature,
    topP: options.topP,
    topK: options.topK,
    presencePenalty: options.presencePenalty,
    frequencyPenalty: options.frequencyPenalty,
    stopSequences: options.stopSequences,
    seed: options.seed,
    reasoning: reasoning === 'provider-default' ? undefined : reasoning,
    providerOptions: Object.keys(others).length > 0 ? (others as ProviderOptions) : undefined,
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    signal: options.abortSignal,
  };
  return { request, warnings };
};

const toolsIn = (
  tools: LanguageModelV4CallOptions['tools'],
  warn: (warning: Warning) => void,
): FunctionTool[] | undefined => {
  const functions = (tools ?? []).flatMap((tool): FunctionTool[] => {
    if (tool.type === 'provider') {
      const details = 'The gateway may ask any vendor; name its tools under the options of that vendor.';
      warn({ type: 'unsupported', feature: `the tool ${tool.id}`, details });
      return [];
    }
    if (tool.inputExamples !== undefined)
      warn({
        type: 'unsupported',
        feature: `examples of the tool ${tool.name}`,
        details: 'They were left out.',
      });
    const { name, description, inputSchema, strict, providerOptions } = tool;
    return [
      {
        type: 'function',
        name,
        description,
        inputSchema: inputSchema as JsonSchema,
        strict,
        providerOptions: providerOptions as ProviderOptions | undefined,
      },
    ];
  });
  return functions.length > 0 ? functions : undefined;
};

/** A request of ours as a call of the AI SDK. */
export const callOut = (
  request: ModelRequest,
  abortSignal: AbortSignal,
): { readonly options: LanguageModelV4CallOptions; readonly warnings: readonly Warning[] } => {
  const warnings: Warning[] = [];
  if (request.parallelToolCalls !== undefined) {
    const details = 'Models of the AI SDK have no such setting; use the options of their vendor.';
    warnings.push({ type: 'unsupported', feature: 'parallelToolCalls', details });
  }
  if (request.messages.some((message) => 'name' in message && message.name !== undefined))
    warnings.push({ type: 'unsupported', feature: 'name of a message', details: 'It was left out.' });
  const { responseFormat: format } = request;
  const given = {
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    stopSequences: request.stopSequences && [...request.stopSequences],
    seed: request.seed,
    reasoning: request.reasoning,
    toolChoice: request.toolChoice,
    headers: request.headers,
    providerOptions: request.providerOptions,
    responseFormat: format?.type === 'json' ? withoutStrict(format) : format,
    tools: request.tools?.map(toolOut),
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    options: { prompt: promptOut(request.messages), abortSignal, ...(known as object) },
    warnings,
  };
};

const withoutStrict = (format: Extract<ModelRequest['responseFormat'], { type: 'json' }>): object => {
  const { strict: _, ...others } = format;
  return Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
};

const toolOut = (tool: FunctionTool): object =>
  Object.fromEntries(Object.entries(tool).filter(([, value]) => value !== undefined));
