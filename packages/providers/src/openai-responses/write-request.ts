import type { JsonObject, JsonValue, ModelRequest, Warning } from '@millrace/core/model';
import {
  type ModelTraits,
  nearestEffort,
  normaliseSchema,
  writeResponseFormat,
} from '../openai-chat/index.js';
import { createLossReport, createToolCallIds, type LossReport } from '../transport/index.js';
import type { WriteContext } from './write-content.js';
import { behindStored, writeInput } from './write-input.js';

/** A request body, and what could not be passed on as it was. */
export interface WrittenRequest {
  readonly body: JsonObject;
  readonly warnings: readonly Warning[];
}

/** Whom a request is for. */
export interface ResponsesDialect {
  /** The provider's id: metadata and options under it are ours. */
  readonly provider: string;
  /** What is known of a model; `undefined` when nothing is, and then nothing is left out. */
  readonly traits: (model: string) => ModelTraits | undefined;
}

/** Fields that a caller's own options must not change. */
const PROTECTED = ['model', 'input', 'stream', 'background'] as const;
const UNSUPPORTED = ['topK', 'presencePenalty', 'frequencyPenalty', 'stopSequences', 'seed'] as const;
const SECRET = 'reasoning.encrypted_content';

/**
 * Write a request of the responses endpoint. Unless `store` is set among the vendor's options, the vendor keeps nothing
 * and hands out the reasoning encrypted, to be sent back.
 */
export const writeRequest = (
  request: ModelRequest,
  { provider, traits: traitsOf }: ResponsesDialect,
  stream: boolean,
): WrittenRequest => {
  const traits = traitsOf(request.model);
  const losses = createLossReport();
  const more: Warning[] = [];
  const warn = (warning: Warning): void => void more.push(warning);
  const {
    api: _api,
    store = false,
    previousResponseId,
    conversation,
    reasoningSummary,
    text: ownText,
    include: ownInclude,
    tools: ownTools,
    ...others
  } = ownOptions(request, provider, losses);
  const context: WriteContext = {
    provider,
    losses,
    stored: store === true,
    systemRole: traits?.reasoning === false ? 'system' : 'developer',
    callId: createToolCallIds(),
  };
  const goesOn = previousResponseId !== undefined || conversation !== undefined;
  const messages = goesOn ? behindStored(request.messages, provider) : request.messages;
  const effort = writeEffort(request, traits, warn);
  const tools = [
    ...writeTools(request, warn),
    ...(Array.isArray(ownTools) ? (ownTools as JsonObject[]) : []),
  ];
  const secret = store !== true && traits?.reasoning !== false ? [SECRET] : [];
  const include = [...new Set([...secret, ...(Array.isArray(ownInclude) ? (ownInclude as string[]) : [])])];
  const format = writeFormat(request, provider, warn);

  const body: Record<string, JsonValue | undefined> = {
    model: request.model,
    input: writeInput(messages, context),
    store,
    previous_response_id: previousResponseId,
    conversation,
    include: include.length > 0 ? include : undefined,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: tools.length > 0 ? writeToolChoice(request) : undefined,
    parallel_tool_calls: tools.length > 0 ? request.parallelToolCalls : undefined,
    text:
      format === undefined && ownText === undefined
        ? undefined
        : { ...(ownText as JsonObject | undefined), ...(format !== undefined && { format }) },
    reasoning:
      effort === undefined && reasoningSummary === undefined
        ? undefined
        : {
            ...(effort !== undefined && { effort }),
            ...(reasoningSummary !== undefined && { summary: reasoningSummary }),
          },
    max_output_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    ...others,
    ...(stream && { stream: true }),
  };
  for (const name of UNSUPPORTED) {
    if (request[name] !== undefined)
      losses.add('unsupported', name, 'The responses endpoint does not take it; it was left out.');
  }
  if (traits !== undefined) leaveOut(body, traits, request.model, effort, losses);
  return { body, warnings: [...losses.list(), ...more] };
};

const ownOptions = (
  request: ModelRequest,
  provider: string,
  losses: LossReport,
): Record<string, JsonValue> => {
  const given = { ...request.providerOptions?.['openai'], ...request.providerOptions?.[provider] };
  const options = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
  for (const name of PROTECTED) {
    if (options[name] === undefined) continue;
    delete options[name];
    losses.add(
      'unsupported',
      `providerOptions.${name}`,
      "This field is not the caller's to set; it was left out.",
    );
  }
  return options;
};

const writeEffort = (
  { reasoning, model }: ModelRequest,
  traits: ModelTraits | undefined,
  warn: (warning: Warning) => void,
): string | undefined => {
  if (reasoning === undefined) return undefined;
  if (traits === undefined || traits.reasoning) return nearestEffort(reasoning, traits?.efforts, model, warn);
  if (reasoning !== 'none')
    warn({ type: 'unsupported', feature: 'reasoning', details: `${model} has no reasoning effort.` });
  return undefined;
};

const writeTools = ({ tools = [] }: ModelRequest, warn: (warning: Warning) => void): JsonObject[] =>
  tools.map(({ name, description, inputSchema, strict, providerOptions }) => {
    const { schema, warnings } =
      strict === true ? normaliseSchema(inputSchema, true) : { schema: inputSchema, warnings: [] };
    for (const warning of warnings) warn(warning);
    return {
      type: 'function',
      name,
      ...(description !== undefined && { description }),
      parameters: schema,
      // Left out, it would mean true here.
      strict: strict ?? false,
      ...providerOptions?.['openai'],
    };
  });

const writeToolChoice = ({ toolChoice }: ModelRequest): JsonValue | undefined =>
  toolChoice?.type === 'tool' ? { type: 'function', name: toolChoice.toolName } : toolChoice?.type;

/** The same as on the other endpoint, without the envelope that the schema has there. */
const writeFormat = (
  request: ModelRequest,
  provider: string,
  warn: (warning: Warning) => void,
): JsonObject | undefined => {
  const dialect = { provider, quirks: {}, traits: () => undefined };
  const format = writeResponseFormat(request.responseFormat, dialect, warn);
  if (format === undefined || format['json_schema'] === undefined) return format;
  return { type: 'json_schema', ...(format['json_schema'] as JsonObject) };
};

/** Take out what the model is known to refuse, with a warning for each, so that the call is not lost. */
const leaveOut = (
  body: Record<string, JsonValue | undefined>,
  traits: ModelTraits,
  model: string,
  effort: string | undefined,
  losses: LossReport,
): void => {
  const drop = (name: string, why: string): void => {
    if (body[name] === undefined) return;
    body[name] = undefined;
    losses.add('unsupported', name, `${model} ${why}; it was left out.`);
  };
  const samples = !traits.reasoning || (traits.samplingWithoutReasoning && effort === 'none');
  if (!samples)
    for (const name of ['temperature', 'top_p', 'top_logprobs'])
      drop(name, 'does not take it while it reasons');
  if (traits.noTemperature) drop('temperature', 'takes no temperature');
  if (!traits.cacheRetention) drop('prompt_cache_retention', 'has prompt cache options instead');
  if (body['service_tier'] === 'flex' && !traits.flexTier) drop('service_tier', 'has no flex tier');
  if (body['service_tier'] === 'priority' && !traits.priorityTier)
    drop('service_tier', 'has no priority tier');
};
