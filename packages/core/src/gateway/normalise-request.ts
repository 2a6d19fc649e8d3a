import { checkRequestCache } from '../cache/cache-options.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { JsonSchema } from '../model/json.js';
import type { Message } from '../model/message.js';
import type { ModelRequest } from '../model/model-request.js';
import type { ResponseFormat } from '../model/response-format.js';
import type { FunctionTool } from '../model/tool.js';
import { checkRequestRouting } from '../routing/routing-policy.js';
import type { ChatRequest, HostSchema, ToolInput } from './chat-request.js';
import { toMessage } from './check-message.js';
import { checkRetry, checkSettings, checkTimeLimits } from './check-settings.js';
import { checkCompressionPreset } from './compression-options.js';

/** The longest model name that is looked up; far above any vendor's. */
const LONGEST_MODEL_NAME = 2_048;

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

/**
 * Check what the caller wrote and bring it into the one form that stages and providers see.
 *
 * @throws MillraceError `BAD_REQUEST` that says what to change.
 */
export const normaliseRequest = <Output>(
  request: ChatRequest<Output>,
  defaultModel: string,
): ModelRequest => {
  if (typeof request !== 'object' || request === null)
    throw bad('A request is an object, such as { prompt: "Hello" }.');
  checkSettings(request);
  checkTimeLimits(request.timeLimits, 'BAD_REQUEST');
  checkRetry(request.retry, 'BAD_REQUEST');
  checkRequestCache(request.cache);
  checkRequestRouting(request.routing);
  checkCompressionPreset(request.compression, 'BAD_REQUEST');
  if (request.signal !== undefined && typeof request.signal?.addEventListener !== 'function')
    throw bad('`signal` must be an AbortSignal.');
  const model = request.model ?? defaultModel;
  if (typeof model !== 'string' || model.trim() === '')
    throw bad('`model` must not be empty; leave it out for auto.');
  if (model.length > LONGEST_MODEL_NAME)
    throw bad(`\`model\` must not be longer than ${LONGEST_MODEL_NAME} characters.`);
  const tools = toTools(request.tools);
  checkTools(tools, request.toolChoice);
  return {
    model: model.trim(),
    messages: toMessages(request),
    tools,
    toolChoice: request.toolChoice,
    responseFormat: toResponseFormat(request),
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    stopSequences: request.stopSequences,
    seed: request.seed,
    reasoning: request.reasoning,
    parallelToolCalls: request.parallelToolCalls,
    providerOptions: request.providerOptions,
    headers: request.headers,
  };
};

/** Whether a schema belongs to a library that can check values, rather than being plain JSON Schema. */
export const isHostSchema = <Value>(schema: JsonSchema | HostSchema<Value>): schema is HostSchema<Value> =>
  '~standard' in schema;

const toMessages = ({ system, prompt, messages }: ChatRequest): Message[] => {
  if ((prompt === undefined) === (messages === undefined)) {
    throw bad('Give either `prompt` or `messages`, and not both.');
  }
  if (system !== undefined && typeof system !== 'string') throw bad('`system` must be text.');
  const turns: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  if (prompt !== undefined) {
    if (typeof prompt !== 'string' || prompt === '') throw bad('`prompt` must be text and not empty.');
    turns.push({ role: 'user', content: [{ type: 'text', text: prompt }] });
    return turns;
  }
  if (!Array.isArray(messages) || messages.length === 0)
    throw bad('`messages` must hold at least one message.');
  for (const [index, message] of messages.entries()) turns.push(toMessage(message, index));
  return turns;
};

const TOOL_CHOICES: readonly string[] = ['auto', 'none', 'required', 'tool'];
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const toTools = (tools: ChatRequest['tools']): FunctionTool[] | undefined => {
  if (tools === undefined) return undefined;
  if (!Array.isArray(tools) || tools.some((tool) => typeof tool !== 'object' || tool === null)) {
    throw bad('`tools` must be a list of tools, each with `name` and `inputSchema`.');
  }
  return tools.map(toTool);
};

const toTool = (tool: ToolInput | FunctionTool): FunctionTool => ({
  type: 'function',
  name: tool.name,
  description: tool.description,
  inputSchema: toJsonSchema(tool.inputSchema, `the tool "${tool.name}"`),
  strict: tool.strict,
  providerOptions: tool.providerOptions,
});

const checkTools = (tools: readonly FunctionTool[] | undefined, choice: ModelRequest['toolChoice']): void => {
  const names = new Set<string>();
  for (const { name } of tools ?? []) {
    if (typeof name !== 'string' || !TOOL_NAME.test(name)) {
      throw bad(`The tool name "${name}" is not valid: use 1 to 64 letters, digits, "_" and "-".`);
    }
    if (names.has(name)) throw bad(`There are two tools named "${name}"; give each its own name.`);
    names.add(name);
  }
  if (choice === undefined) return;
  if (!TOOL_CHOICES.includes(choice?.type)) {
    throw bad('`toolChoice` is an object whose `type` is one of auto, none, required and tool.');
  }
  if (choice.type === 'auto' || choice.type === 'none') return;
  if (names.size === 0) throw bad('`toolChoice` asks for a tool call, but there are no `tools`.');
  if (choice.type === 'tool' && !names.has(choice.toolName)) {
    throw bad(
      `\`toolChoice\` names "${choice.toolName}", which is not among the tools: ${[...names].join(', ')}.`,
    );
  }
};

const toResponseFormat = ({ output, responseFormat }: ChatRequest): ResponseFormat | undefined => {
  if (responseFormat !== undefined && responseFormat?.type !== 'text' && responseFormat?.type !== 'json') {
    throw bad('`responseFormat` is an object whose `type` is text or json.');
  }
  if (output === undefined) return responseFormat;
  if (responseFormat !== undefined) throw bad('Give either `output` or `responseFormat`, and not both.');
  const { name, description, strict } = output;
  return { type: 'json', schema: toJsonSchema(output.schema, '`output`'), name, description, strict };
};

const toJsonSchema = (schema: JsonSchema | HostSchema, where: string): JsonSchema => {
  // A schema of arktype is a function.
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null)
    throw bad(`The schema of ${where} is missing.`);
  if (!isHostSchema(schema)) return schema;
  const { jsonSchema } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw bad(
      `The schema library of ${where} cannot describe itself as JSON Schema; pass JSON Schema, or use zod 4.2 or later.`,
    );
  }
  try {
    return jsonSchema.input({ target: 'draft-2020-12' }) as JsonSchema;
  } catch (cause) {
    throw new MillraceError(
      'BAD_REQUEST',
      `The schema of ${where} cannot be written as JSON Schema; see the cause.`,
      {
        cause,
      },
    );
  }
};
