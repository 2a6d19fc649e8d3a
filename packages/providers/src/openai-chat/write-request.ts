import type {
  JsonObject,
  JsonValue,
  ModelRequest,
  ResponseFormat,
  ToolChoice,
  Warning,
} from '@millrace/core/model';
import { createToolCallIds } from '../transport/index.js';
import { normaliseSchema } from './normalise-schema.js';
import type { ChatDialect, OpenAIChatQuirks } from './quirks.js';
import { writeMessages } from './write-messages.js';
import { leaveOutUnsupported, writeReasoning } from './write-settings.js';

/** A request body, and what could not be passed on as it was. A field that is `undefined` is absent from its JSON. */
export interface WrittenRequest {
  readonly body: JsonObject;
  readonly warnings: readonly Warning[];
}

const asItIs = (id: string): string => id;

/** Fields that a caller's own options must not change. */
const PROTECTED = ['model', 'messages', 'stream', 'n'] as const;

/** Write a request in the dialect. */
export const writeRequest = (
  request: ModelRequest,
  dialect: ChatDialect,
  stream: boolean,
): WrittenRequest => {
  const { provider, quirks } = dialect;
  const traits = dialect.traits(request.model);
  const warnings: Warning[] = [];
  const warn = (warning: Warning): void => void warnings.push(warning);
  const systemRole = quirks.systemRole ?? (traits?.reasoning === true ? 'developer' : 'system');
  const maxTokens =
    quirks.maxTokensField ?? (traits?.reasoning === true ? 'max_completion_tokens' : 'max_tokens');
  const tools = writeTools(request, warn);
  if (request.topK !== undefined && quirks.topK !== true) warn({ type: 'unsupported', feature: 'topK' });

  const body: Record<string, JsonValue | undefined> = {
    model: request.model,
    messages: writeMessages(request.messages, {
      dialect,
      systemRole,
      warn,
      toolCallId: quirks.toolCallIds === undefined ? asItIs : createToolCallIds(quirks.toolCallIds),
    }),
    tools,
    tool_choice: tools === undefined ? undefined : writeToolChoice(request.toolChoice, quirks),
    parallel_tool_calls: tools === undefined ? undefined : request.parallelToolCalls,
    response_format: writeResponseFormat(request.responseFormat, dialect, warn),
    [maxTokens]: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: quirks.topK === true ? request.topK : undefined,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    stop: request.stopSequences,
    [quirks.seedField ?? 'seed']: request.seed,
    reasoning_effort: writeReasoning(request, dialect, traits, warn),
    ...ownOptions(request, provider, warn),
  };
  if (traits !== undefined) leaveOutUnsupported(body, traits, request.model, warn);
  if (stream) {
    body['stream'] = true;
    if (quirks.includeUsage !== false) {
      // Merged, so that a caller's own stream options stay.
      body['stream_options'] = { include_usage: true, ...(body['stream_options'] as JsonObject | undefined) };
    }
  } else body['stream_options'] = undefined;
  return { body, warnings };
};

/** The caller's settings for this vendor, as the vendor names them. */
const ownOptions = (
  request: ModelRequest,
  provider: string,
  warn: (warning: Warning) => void,
): Record<string, JsonValue | undefined> => {
  const options: Record<string, JsonValue | undefined> = {
    ...request.providerOptions?.['openai'],
    ...request.providerOptions?.[provider],
  };
  for (const name of PROTECTED) {
    if (options[name] === undefined) continue;
    delete options[name];
    warn({
      type: 'unsupported',
      feature: `providerOptions.${name}`,
      details: "This field is not the caller's to set; it was left out.",
    });
  }
  return options;
};

const writeTools = (request: ModelRequest, warn: (warning: Warning) => void): JsonObject[] | undefined => {
  if (request.tools === undefined || request.tools.length === 0) return undefined;
  return request.tools.map(({ name, description, inputSchema, strict, providerOptions }) => {
    // Only a strict tool is held to what the vendor's grammar can express; any other schema goes as it is.
    const { schema, warnings } =
      strict === true ? normaliseSchema(inputSchema, true) : { schema: inputSchema, warnings: [] };
    for (const warning of warnings) warn(warning);
    return {
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: schema,
        ...(strict !== undefined && { strict }),
      },
      ...providerOptions?.['openai'],
    };
  });
};

const writeToolChoice = (
  choice: ToolChoice | undefined,
  { requiredToolChoice = 'required' }: OpenAIChatQuirks,
): JsonValue | undefined => {
  if (choice?.type === 'tool') return { type: 'function', function: { name: choice.toolName } };
  return choice?.type === 'required' ? requiredToolChoice : choice?.type;
};

/** The form of the answer, in an envelope of its own. */
export const writeResponseFormat = (
  format: ResponseFormat | undefined,
  { provider, quirks }: ChatDialect,
  warn: (warning: Warning) => void,
): JsonObject | undefined => {
  if (format?.type !== 'json') return undefined;
  const { jsonOutput = 'schema' } = quirks;
  if (jsonOutput === 'none') {
    warn({
      type: 'unsupported',
      feature: 'JSON output',
      details: `${provider} cannot be asked for JSON; only the prompt can.`,
    });
    return undefined;
  }
  if (format.schema === undefined) return { type: 'json_object' };
  if (jsonOutput === 'object') {
    warn({
      type: 'compatibility',
      feature: 'JSON Schema',
      details: `${provider} was asked for any JSON object; it takes no schema.`,
    });
    return { type: 'json_object' };
  }
  const closed = normaliseSchema(format.schema, true);
  const strict = format.strict ?? closed.strictable;
  // Without strict mode open objects stay open: the schema then goes as it was given.
  const { schema, warnings } = strict ? closed : normaliseSchema(format.schema, false);
  for (const warning of warnings) warn(warning);
  if (!strict && format.strict === undefined) {
    warn({
      type: 'compatibility',
      feature: 'strict JSON Schema',
      details: 'The schema has optional or open properties, so the vendor was not asked to enforce it.',
    });
  }
  const { name = 'response', description } = format;
  return {
    type: 'json_schema',
    json_schema: { name, ...(description !== undefined && { description }), schema, strict },
  };
};
