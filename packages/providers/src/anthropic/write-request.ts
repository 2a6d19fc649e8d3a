import type {
  FunctionTool,
  JsonObject,
  JsonSchema,
  JsonValue,
  ModelRequest,
  Warning,
} from '@millrace/core/model';
import { asCount, createLossReport, createToolCallIds, type LossReport } from '../transport/index.js';
import { createCacheBreakpoints } from './cache-breakpoints.js';
import type { AnthropicTraits } from './model-traits.js';
import { fitsGrammar, sanitiseSchema } from './sanitise-schema.js';
import type { WriteContext } from './write-content.js';
import { writeConversation } from './write-messages.js';
import { writeSettings } from './write-settings.js';

/** A request body, and what goes with it. A field that is `undefined` is absent from its JSON. */
export interface WrittenRequest {
  readonly body: JsonObject;
  readonly warnings: readonly Warning[];
  /** For the header `anthropic-beta`. */
  readonly betas: readonly string[];
  /** The tool by which the model was made to answer in JSON; its arguments are the answer. */
  readonly jsonTool: string | undefined;
}

/** Settings under `providerOptions.anthropic` that are ours; every other field goes into the body as it is. */
const OURS = ['betas', 'cacheControl', 'effort', 'structuredOutput', 'thinking'] as const;
/** Fields that a caller's own options must not change. */
const PROTECTED = ['model', 'messages', 'stream'] as const;

/** The caller's settings for this vendor. */
const ownOptions = (request: ModelRequest, provider: string): JsonObject => ({
  ...request.providerOptions?.['anthropic'],
  ...request.providerOptions?.[provider],
});

/** The most tokens that the model may write for a request: thoughts that have a budget come on top of its limit. */
export const outputLimit = (request: ModelRequest, provider: string, traits: AnthropicTraits): number => {
  const own = ownOptions(request, provider);
  return asCount(own['max_tokens']) ?? writeSettings(request, own, traits, createLossReport()).max_tokens;
};

/** Write a request. */
export const writeRequest = (
  request: ModelRequest,
  provider: string,
  traits: AnthropicTraits,
  stream: boolean,
): WrittenRequest => {
  const warnings = createLossReport();
  const own = ownOptions(request, provider);
  const betas = new Set(Array.isArray(own['betas']) ? own['betas'].map(String) : []);
  const cache = createCacheBreakpoints(warnings);
  const context: WriteContext = { provider, warnings, cache, betas, toolCallId: createToolCallIds() };

  // In the order in which the vendor's cache sees them.
  const tools = (request.tools ?? []).map((tool) => writeTool(tool, provider, context));
  const { system, messages } = writeConversation(request.messages, context);
  const { thinking, effort, max_tokens, sampling, thinks } = writeSettings(request, own, traits, warnings);
  const json = writeJsonOutput(request, own, { traits, thinks, warnings });
  const allTools = json.tool === undefined ? tools : [...tools, json.tool];
  const outputConfig = {
    ...(effort !== undefined && { effort }),
    ...(json.format !== undefined && { format: json.format }),
  };
  const choice = writeToolChoice(request, json.jsonTool, { traits, thinks, warnings });
  const cleanStops = request.stopSequences?.filter((text) => text.trim() !== '');
  const instructions: readonly JsonObject[] =
    json.instruction === undefined ? system : [...system, { type: 'text', text: json.instruction }];

  const body: Record<string, JsonValue | undefined> = {
    model: request.model,
    max_tokens,
    system: instructions.length === 0 ? undefined : [...instructions],
    messages: [...messages],
    tools: allTools.length === 0 ? undefined : allTools,
    tool_choice: allTools.length === 0 ? undefined : choice,
    stop_sequences: cleanStops?.length === 0 ? undefined : cleanStops,
    thinking,
    output_config: Object.keys(outputConfig).length === 0 ? undefined : outputConfig,
    ...sampling,
    ...(own['cacheControl'] !== undefined && { cache_control: own['cacheControl'] }),
    ...rawOptions(own, warnings),
    ...(stream && { stream: true }),
  };
  return { body, warnings: warnings.list(), betas: [...betas], jsonTool: json.jsonTool };
};

const rawOptions = (own: JsonObject, warnings: LossReport): JsonObject => {
  const raw: Record<string, JsonValue | undefined> = { ...own };
  for (const name of OURS) delete raw[name];
  for (const name of PROTECTED) {
    if (raw[name] === undefined) continue;
    delete raw[name];
    warnings.add(
      'unsupported',
      `providerOptions.${name}`,
      "This field is not the caller's to set; it was left out.",
    );
  }
  return raw;
};

const writeTool = (
  { name, description, inputSchema, strict, providerOptions }: FunctionTool,
  provider: string,
  { cache }: WriteContext,
): JsonObject => {
  const own = { ...providerOptions?.['anthropic'], ...providerOptions?.[provider] };
  const { cacheControl: _, cache_control: __, ...rest } = own;
  return {
    name,
    ...(description !== undefined && { description }),
    // The vendor wants an object at the root, also for a tool without arguments.
    input_schema: {
      type: 'object',
      ...((strict === true ? sanitiseSchema(inputSchema) : inputSchema) as JsonObject),
    },
    ...(strict !== undefined && { strict }),
    ...rest,
    ...cache.of(own),
  };
};

interface Circumstances {
  readonly traits: AnthropicTraits;
  readonly thinks: boolean;
  readonly warnings: LossReport;
}

const writeToolChoice = (
  { toolChoice, parallelToolCalls, model, tools }: ModelRequest,
  jsonTool: string | undefined,
  { traits, thinks, warnings }: Circumstances,
): JsonObject | undefined => {
  const single = parallelToolCalls === false || jsonTool !== undefined;
  const flags = single ? { disable_parallel_tool_use: true } : {};
  if (jsonTool !== undefined) {
    const others = (tools?.length ?? 0) > 0;
    return others ? { type: 'any', ...flags } : { type: 'tool', name: jsonTool, ...flags };
  }
  const type = toolChoice?.type ?? 'auto';
  if (type === 'none') return { type: 'none' };
  const isForced = type === 'required' || type === 'tool';
  if (isForced && (!traits.forcedTool || (thinks && traits.thinking === 'budget'))) {
    const why = traits.forcedTool
      ? `${model} cannot be made to call a tool while it thinks`
      : `${model} cannot be made to call a tool`;
    warnings.add('compatibility', 'toolChoice', `${why}; the choice was left to it.`);
    return single ? { type: 'auto', ...flags } : undefined;
  }
  if (type === 'required') return { type: 'any', ...flags };
  if (toolChoice?.type === 'tool') return { type: 'tool', name: toolChoice.toolName, ...flags };
  return single ? { type: 'auto', ...flags } : undefined;
};

interface JsonOutput {
  readonly format?: JsonObject;
  readonly tool?: JsonObject;
  readonly jsonTool?: string;
  readonly instruction?: string;
}

/** By the vendor's grammar where that can hold the schema; else by a tool that the model has to call; else in words. */
const writeJsonOutput = (
  { responseFormat, tools = [], model }: ModelRequest,
  own: JsonObject,
  { traits, thinks, warnings }: Circumstances,
): JsonOutput => {
  if (responseFormat?.type !== 'json') return {};
  const { schema, name, description } = responseFormat;
  const mode = own['structuredOutput'] ?? 'auto';
  if (
    schema !== undefined &&
    mode !== 'tool' &&
    traits.nativeSchema &&
    (mode === 'native' || fitsGrammar(schema))
  )
    return { format: { type: 'json_schema', schema: sanitiseSchema(schema) as JsonObject } };
  const canForce = traits.forcedTool && !(thinks && traits.thinking === 'budget');
  if (schema !== undefined && canForce) {
    const jsonTool = freeName(name ?? 'json', tools);
    return {
      jsonTool,
      tool: {
        name: jsonTool,
        description: description ?? 'Give the answer in this form.',
        input_schema: { type: 'object', ...(schema as JsonObject) },
      },
    };
  }
  warnings.add(
    'compatibility',
    'responseFormat',
    `${model} cannot be held to this form of JSON; it was asked for in words.`,
  );
  return { instruction: inWords(schema) };
};

const inWords = (schema: JsonSchema | undefined): string => {
  const form = schema === undefined ? '' : ` It fits this JSON Schema: ${JSON.stringify(schema)}`;
  return `Answer with one JSON object and nothing else: no text around it and no code fence.${form}`;
};

const freeName = (wanted: string, tools: readonly FunctionTool[]): string => {
  let name = wanted.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60) || 'json';
  while (tools.some((tool) => tool.name === name)) name = `${name.slice(0, 59)}_`;
  return name;
};
