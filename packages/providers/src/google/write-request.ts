import type { FunctionTool, JsonObject, JsonValue, ModelRequest, Warning } from '@millrace/core/model';
import { createLossReport, type LossReport } from '../transport/index.js';
import type { GoogleTraits } from './model-traits.js';
import { sanitiseSchema } from './sanitise-schema.js';
import { writeConversation } from './write-conversation.js';

/** A request body, and what goes with it. A field that is `undefined` is absent from its JSON. */
export interface WrittenRequest {
  readonly body: JsonObject;
  readonly warnings: readonly Warning[];
  /** The tool by which the model was made to answer in JSON; its arguments are the answer. */
  readonly jsonTool: string | undefined;
}

/** Fields that a caller's own options must not change. */
const PROTECTED = ['contents', 'model'] as const;
/** The vendor takes no more. */
const MOST_STOPS = 5;

/** Write a request. */
export const writeRequest = (
  request: ModelRequest,
  provider: string,
  traits: GoogleTraits,
): WrittenRequest => {
  const losses = createLossReport();
  const { model, tools = [] } = request;
  const own: JsonObject = { ...request.providerOptions?.['google'], ...request.providerOptions?.[provider] };
  const { systemInstruction, contents } = writeConversation(request.messages, {
    provider,
    model,
    traits,
    losses,
  });
  const json = writeJsonOutput(request, traits);
  const declarations = [...tools.map(writeTool), ...(json.tool === undefined ? [] : [json.tool])];
  const {
    generationConfig,
    thinkingConfig = writeThinking(request, traits, losses),
    tools: ownTools,
    ...raw
  } = own;
  for (const name of PROTECTED) {
    if (raw[name] === undefined) continue;
    losses.add(
      'unsupported',
      `providerOptions.${name}`,
      "This field is not the caller's to set; it was left out.",
    );
  }
  const { contents: _contents, model: _model, ...rest } = raw;
  const allTools: JsonValue[] = [
    ...(declarations.length === 0 ? [] : [{ functionDeclarations: declarations }]),
    // `none` does not stop the vendor's own tools: they have to be left out.
    ...(Array.isArray(ownTools) && request.toolChoice?.type !== 'none' ? (ownTools as JsonValue[]) : []),
  ];
  const body: JsonObject = {
    contents: [...contents],
    systemInstruction,
    tools: allTools.length === 0 ? undefined : allTools,
    toolConfig: declarations.length === 0 ? undefined : writeToolConfig(request, json.name, losses),
    generationConfig: {
      ...writeSettings(request, losses),
      ...json.config,
      ...(thinkingConfig !== undefined && { thinkingConfig }),
      ...(generationConfig as JsonObject | undefined),
    },
    ...rest,
  };
  return { body, warnings: losses.list(), jsonTool: json.name };
};

const writeTool = ({ name, description, inputSchema }: FunctionTool): JsonObject => ({
  name,
  ...(description !== undefined && { description }),
  parametersJsonSchema: { type: 'object', ...(sanitiseSchema(inputSchema) as JsonObject) },
});

const writeToolConfig = (
  { toolChoice, tools = [], parallelToolCalls }: ModelRequest,
  jsonTool: string | undefined,
  losses: LossReport,
): JsonObject => {
  if (parallelToolCalls === false)
    losses.add('unsupported', 'parallelToolCalls', 'The vendor has no such setting; it was left out.');
  const config = (mode: string, names?: readonly string[]): JsonObject => ({
    functionCallingConfig: { mode, ...(names !== undefined && { allowedFunctionNames: [...names] }) },
  });
  if (toolChoice?.type === 'tool') return config('ANY', [toolChoice.toolName]);
  if (jsonTool !== undefined || toolChoice?.type === 'required') return config('ANY');
  if (toolChoice?.type === 'none') return config('NONE');
  return config(tools.some(({ strict }) => strict === true) ? 'VALIDATED' : 'AUTO');
};

interface JsonOutput {
  readonly config?: JsonObject;
  readonly name?: string;
  readonly tool?: JsonObject;
}

/** A schema beside tools is refused before the third generation, and beside a forced call always: then by a tool. */
const writeJsonOutput = (
  { responseFormat, tools = [], toolChoice }: ModelRequest,
  traits: GoogleTraits,
): JsonOutput => {
  if (responseFormat?.type !== 'json') return {};
  const { schema, name: wanted = 'json', description } = responseFormat;
  const isForced = toolChoice?.type === 'required' || toolChoice?.type === 'tool';
  if (tools.length === 0 || (traits.isThirdGeneration && !isForced)) {
    const form = schema === undefined ? {} : { responseJsonSchema: sanitiseSchema(schema) as JsonObject };
    return { config: { responseMimeType: 'application/json', ...form } };
  }
  let name = wanted.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60) || 'json';
  while (tools.some((tool) => tool.name === name)) name = `${name.slice(0, 59)}_`;
  const parametersJsonSchema = {
    type: 'object',
    ...((schema === undefined ? {} : sanitiseSchema(schema)) as JsonObject),
  };
  return {
    name,
    tool: { name, description: description ?? 'Give the answer in this form.', parametersJsonSchema },
  };
};

const writeSettings = (request: ModelRequest, losses: LossReport): JsonObject => {
  const { maxOutputTokens, temperature, topP, topK, presencePenalty, frequencyPenalty, seed } = request;
  const stops = request.stopSequences?.filter((text) => text !== '');
  if (stops !== undefined && stops.length > MOST_STOPS)
    losses.add('unsupported', 'stopSequences', `The vendor takes ${MOST_STOPS}; those after were left out.`);
  return {
    maxOutputTokens,
    temperature,
    topP,
    topK,
    presencePenalty,
    frequencyPenalty,
    stopSequences: stops === undefined || stops.length === 0 ? undefined : stops.slice(0, MOST_STOPS),
    seed,
  };
};

const LEVELS: Readonly<Record<string, string>> = {
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};

const writeThinking = (
  { reasoning, model }: ModelRequest,
  { thinking, least, mostBudget }: GoogleTraits,
  losses: LossReport,
): JsonObject | undefined => {
  if (reasoning === undefined) return undefined;
  const nearest = (used: string | number): void =>
    losses.add(
      'compatibility',
      'reasoning',
      `${model} does not take the effort ${reasoning}; ${used} was used.`,
    );
  if (thinking === 'none') {
    if (reasoning !== 'none')
      losses.add('unsupported', 'reasoning', `${model} does not think; the setting was left out.`);
    return undefined;
  }
  if (thinking === 'budget') {
    if (reasoning === 'none') {
      if (least !== 0) nearest(least);
      return { thinkingBudget: least };
    }
    const budget = Math.max(Number(least), Math.min(BUDGETS[reasoning] ?? 0, mostBudget));
    return { thinkingBudget: budget, includeThoughts: true };
  }
  const wanted = reasoning === 'none' ? String(least) : (LEVELS[reasoning] ?? 'high');
  const level = wanted === 'minimal' ? String(least) : wanted;
  if (level !== reasoning) nearest(level);
  return { thinkingLevel: level, ...(reasoning !== 'none' && { includeThoughts: true }) };
};
