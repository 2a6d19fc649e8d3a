import {
  type AssistantMessage,
  type FilePart,
  type JsonObject,
  type Message,
  MillraceError,
  type ModelRequest,
  type ToolMessage,
  type ToolResultOutput,
  type UserPart,
  type Warning,
} from '@millrace/core/model';
import { createLossReport, type LossReport, toBase64 } from '../transport/index.js';
import type { OllamaFacts } from './model-facts.js';

/** A request body, and what could not be passed on as it was. */
export interface WrittenRequest {
  readonly body: JsonObject;
  readonly warnings: readonly Warning[];
}

/** What does not change from request to request. */
export interface WriteOptions {
  readonly provider: string;
  /** Always the same context length; else one that the request needs. */
  readonly contextLength: number | undefined;
  readonly keepAlive: string | number | undefined;
}

interface WriteContext extends WriteOptions {
  readonly losses: LossReport;
}

/** Settings under `providerOptions.ollama` that are ours; every other field goes into the body as it is. */
const PROTECTED: readonly string[] = ['model', 'messages', 'stream'];

/** Write a request for `/api/chat`. */
export const writeRequest = (
  request: ModelRequest,
  facts: OllamaFacts,
  options: WriteOptions,
  stream: boolean,
): WrittenRequest => {
  const losses = createLossReport();
  const context: WriteContext = { ...options, losses };
  const { model, responseFormat } = request;
  const own: JsonObject = {
    ...request.providerOptions?.['ollama'],
    ...request.providerOptions?.[options.provider],
  };
  const messages = request.messages.flatMap((message) => writeMessage(message, context));
  const tools = writeTools(request, facts, context);
  if (facts.vision === false && messages.some(({ images }) => images !== undefined))
    throw bad(context, `${model} cannot look at images; choose a model with vision.`);
  const { options: ownOptions, ...rest } = own;
  const raw = Object.entries(rest).filter(([name]) => !PROTECTED.includes(name));
  return {
    body: {
      model,
      messages,
      stream,
      tools,
      think: writeThinking(request, facts, losses),
      format: responseFormat?.type === 'json' ? ((responseFormat.schema as JsonObject) ?? 'json') : undefined,
      keep_alive: options.keepAlive,
      // Without a word the server drops the oldest messages in silence.
      truncate: false,
      shift: false,
      options: {
        ...writeSettings(request),
        num_ctx: contextLengthFor(request, messages, facts, options),
        ...(ownOptions as JsonObject | undefined),
      },
      ...Object.fromEntries(raw),
    },
    warnings: losses.list(),
  };
};

const bad = ({ provider }: WriteContext, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `${provider}: ${message}`);

const writeSettings = (request: ModelRequest): JsonObject => ({
  num_predict: request.maxOutputTokens,
  temperature: request.temperature,
  top_p: request.topP,
  top_k: request.topK,
  presence_penalty: request.presencePenalty,
  frequency_penalty: request.frequencyPenalty,
  stop: request.stopSequences,
  seed: request.seed,
});

/** Few steps, because the server loads the model anew for each other length. */
const STEPS: readonly number[] = [8_192, 32_768, 131_072, 262_144, 1_048_576];
/** Low, so that the estimate is high. */
const CHARACTERS_PER_TOKEN = 3;
const TOKENS_PER_IMAGE = 1_500;
const USUAL_OUTPUT = 2_048;

/** The server's own default may be 4,096, and what is longer would be cut or refused. */
const contextLengthFor = (
  { maxOutputTokens }: ModelRequest,
  messages: readonly JsonObject[],
  facts: OllamaFacts,
  { contextLength }: WriteOptions,
): number => {
  if (contextLength !== undefined) return contextLength;
  let characters = 0;
  let images = 0;
  for (const { images: list, ...message } of messages) {
    characters += JSON.stringify(message).length;
    images += Array.isArray(list) ? list.length : 0;
  }
  const prompt = Math.ceil(characters / CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE;
  const needed = prompt + (maxOutputTokens ?? USUAL_OUTPUT);
  const step = STEPS.find((one) => one >= needed) ?? needed;
  return Math.min(step, facts.contextLength ?? step);
};

const writeMessage = (message: Message, context: WriteContext): JsonObject[] => {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [{ role: 'user', ...writeParts(message.content, context) }];
    case 'assistant':
      return [writeAssistant(message, context)];
    case 'tool':
      return writeResults(message, context);
  }
};

const writeParts = (parts: readonly UserPart[], context: WriteContext): JsonObject => {
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.mediaType.startsWith('image/')) images.push(imageOf(part, context));
    else texts.push(textOf(part, context));
  }
  return { content: texts.join('\n'), ...(images.length > 0 && { images }) };
};

const bytesOf = ({ data, mediaType }: FilePart, context: WriteContext): string => {
  if (data.type === 'data') return toBase64(data.data);
  throw bad(context, `The server fetches nothing by itself: pass the bytes of the ${mediaType} file.`);
};

const imageOf = (part: FilePart, context: WriteContext): string => bytesOf(part, context);

const textOf = (part: FilePart, context: WriteContext): string => {
  if (part.mediaType.startsWith('text/') || part.mediaType === 'application/json')
    return Buffer.from(bytesOf(part, context), 'base64').toString('utf8');
  throw bad(context, `Files of type ${part.mediaType} are not accepted; images and text are.`);
};

const writeAssistant = ({ content }: AssistantMessage, { losses }: WriteContext): JsonObject => {
  let text = '';
  const calls: JsonObject[] = [];
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') {
      const isObject = typeof part.input === 'object' && part.input !== null && !Array.isArray(part.input);
      const input = isObject
        ? (part.input as JsonObject)
        : { value: (part.input ?? null) as JsonObject[string] };
      calls.push({ id: part.toolCallId, function: { name: part.toolName, arguments: input } });
    } else if (part.type === 'reasoning')
      losses.add('unsupported', 'reasoning in the history', 'Earlier reasoning was left out.');
    else if (part.type === 'file')
      losses.add('unsupported', 'file in an assistant message', 'It was left out.');
  }
  return { role: 'assistant', content: text, ...(calls.length > 0 && { tool_calls: calls }) };
};

const writeResults = ({ content }: ToolMessage, context: WriteContext): JsonObject[] =>
  content.map(({ toolCallId, toolName, output }) => ({
    role: 'tool',
    tool_name: toolName,
    tool_call_id: toolCallId,
    ...writeOutput(output, context),
  }));

const writeOutput = (output: ToolResultOutput, context: WriteContext): JsonObject => {
  switch (output.type) {
    case 'text':
      return { content: output.value };
    case 'error-text':
      return { content: `Error: ${output.value}` };
    case 'json':
      return { content: JSON.stringify(output.value) };
    case 'error-json':
      return { content: `Error: ${JSON.stringify(output.value)}` };
    case 'execution-denied':
      return { content: output.reason ?? 'The tool was not allowed to run.' };
    case 'content':
      return writeParts(output.value, context);
  }
};

const writeTools = (
  { tools = [], toolChoice, parallelToolCalls, model }: ModelRequest,
  facts: OllamaFacts,
  context: WriteContext,
): JsonObject[] | undefined => {
  // There is no choice of tools in the request: what may not be called is not offered.
  if (tools.length === 0 || toolChoice?.type === 'none') return undefined;
  if (facts.tools === false) throw bad(context, `${model} takes no tools; choose a model that does.`);
  const { losses } = context;
  if (parallelToolCalls === false)
    losses.add('unsupported', 'parallelToolCalls', 'The server has no such setting; it was left out.');
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool')
    losses.add(
      'compatibility',
      'toolChoice',
      'The model cannot be made to call a tool; it was only offered what was asked for.',
    );
  const offered =
    toolChoice?.type === 'tool' ? tools.filter(({ name }) => name === toolChoice.toolName) : tools;
  return offered.map(({ name, description, inputSchema }) => ({
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: inputSchema as JsonObject,
    },
  }));
};

const LEVELS: Readonly<Record<string, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

const writeThinking = (
  { reasoning, model }: ModelRequest,
  facts: OllamaFacts,
  losses: LossReport,
): boolean | string | undefined => {
  if (reasoning === undefined) return undefined;
  // Switching it on is refused by models that do not think.
  if (facts.thinking === false) {
    if (reasoning !== 'none')
      losses.add('unsupported', 'reasoning', `${model} does not think; the setting was left out.`);
    return undefined;
  }
  if (!/^gpt-oss/.test(model)) return reasoning !== 'none';
  if (reasoning === 'none')
    losses.add('compatibility', 'reasoning', `${model} always thinks; the least effort was asked for.`);
  return LEVELS[reasoning] ?? 'low';
};
