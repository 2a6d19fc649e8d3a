import type { LanguageModelV4CallOptions, LanguageModelV4ProviderTool } from '@ai-sdk/provider';
import type { CallLabels, ChatRequest, RetryOptions, TimeLimits } from '@millrace/core/gateway';
import type {
  FunctionTool,
  JsonSchema,
  JsonValue,
  ProviderOptions,
  ResponseFormat,
  Warning,
} from '@millrace/core/model';
import { createLossReport, type LossReport } from '../transport/index.js';
import { carrying, pack } from './carried.js';
import { fromSdkPrompt } from './from-sdk-prompt.js';
import { readGatewayCallOptions } from './gateway-call-options.js';

/** What holds for every call of a model, unless the call says otherwise. */
export interface CallDefaults extends CallLabels {
  readonly model: string;
  readonly timeLimits?: TimeLimits | undefined;
  readonly retry?: RetryOptions | undefined;
}

/** A call of the AI SDK, as ours. */
export interface GatewayCall {
  readonly request: ChatRequest;
  /** What is lost whoever answers. */
  readonly lost: readonly Warning[];
  /** What is lost unless a model of the AI SDK answers. */
  readonly lostElsewhere: readonly Warning[];
}

/**
 * Read the options of a call of the AI SDK.
 *
 * @throws MillraceError `BAD_REQUEST` when `providerOptions.millrace` is not what it should be.
 */
export const fromSdkCallOptions = (
  options: LanguageModelV4CallOptions,
  defaults: CallDefaults,
): GatewayCall => {
  const lost = createLossReport();
  const elsewhere = createLossReport();
  if (options.includeRawChunks === true)
    lost.add('unsupported', 'includeRawChunks', 'The gateway passes on no raw chunks.');
  const { millrace, ...others } = options.providerOptions ?? {};
  const vendors = Object.keys(others).length > 0 ? others : undefined;
  const { model, parallelToolCalls, ...own } = readGatewayCallOptions(millrace);
  const { tools, toolChoice, carried } = readTools(options, elsewhere);
  const { reasoning, stopSequences, headers, abortSignal } = options;
  const request: ChatRequest = {
    model: model ?? defaults.model,
    messages: fromSdkPrompt(options.prompt, elsewhere),
    tools,
    toolChoice,
    responseFormat: options.responseFormat as ResponseFormat | undefined,
    maxOutputTokens: options.maxOutputTokens,
    temperature: options.temperature,
    topP: options.topP,
    topK: options.topK,
    presencePenalty: options.presencePenalty,
    frequencyPenalty: options.frequencyPenalty,
    stopSequences,
    seed: options.seed,
    reasoning: reasoning === 'provider-default' ? undefined : reasoning,
    parallelToolCalls,
    providerOptions: carrying(vendors, carried).providerMetadata as ProviderOptions | undefined,
    headers: headers && definedHeaders(headers),
    project: own.project ?? defaults.project,
    user: own.user ?? defaults.user,
    tags: own.tags ?? defaults.tags,
    timeLimits: { ...defaults.timeLimits, ...own.timeLimits },
    retry: own.retry ?? defaults.retry,
    cache: own.cache,
    signal: abortSignal,
  };
  return { request, lost: lost.list(), lostElsewhere: elsewhere.list() };
};

/** Headers without those that are undefined. */
export const definedHeaders = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

interface ReadTools {
  readonly tools: readonly FunctionTool[] | undefined;
  readonly toolChoice: ChatRequest['toolChoice'];
  /** What stands under the bridge's key in the request's options. */
  readonly carried: { readonly tools?: JsonValue; readonly toolChoice?: JsonValue };
}

/** Tools that a vendor runs itself have no place in our requests: they travel beside, with where they stood. */
const readTools = ({ tools, toolChoice }: LanguageModelV4CallOptions, losses: LossReport): ReadTools => {
  const functions: FunctionTool[] = [];
  const others: JsonValue[] = [];
  for (const [index, tool] of (tools ?? []).entries()) {
    if (tool.type === 'provider') {
      losses.add(
        'unsupported',
        `provider tool ${tool.id}`,
        'Only a model of the AI SDK takes it; it was left out.',
      );
      others.push(pack({ index, ...(tool satisfies LanguageModelV4ProviderTool) }) ?? null);
      continue;
    }
    if (tool.inputExamples !== undefined)
      losses.add('unsupported', 'inputExamples of a tool', 'They were left out.');
    const { name, description, inputSchema, strict, providerOptions, inputExamples } = tool;
    functions.push({
      type: 'function',
      name,
      description,
      inputSchema: inputSchema as JsonSchema,
      strict,
      providerOptions: carrying(providerOptions, { inputExamples: pack(inputExamples) }).providerMetadata,
    });
  }
  // A choice that the tools which are left cannot fulfil would be refused.
  const possible =
    toolChoice?.type === 'tool'
      ? functions.some(({ name }) => name === toolChoice.toolName)
      : toolChoice?.type !== 'required' || functions.length > 0;
  if (!possible) losses.add('unsupported', 'choice of a provider tool', 'It was left out.');
  return {
    tools: tools && functions,
    toolChoice: possible ? toolChoice : undefined,
    carried: {
      ...(others.length > 0 && { tools: others }),
      ...(!possible && { toolChoice: pack(toolChoice) ?? null }),
    },
  };
};
