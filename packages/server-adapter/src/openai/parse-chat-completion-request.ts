import { z } from 'zod';
import { badRequest } from './bad-request.js';
import type { ChatCompletionRequest } from './chat-completion-request.js';
import { describeIssues } from './describe-issues.js';

// Schemas go to the vendor as they are, so they are not walked or copied here.
const schemaObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Expected a JSON Schema object',
);
const toolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Expected 1 to 64 letters, digits, underscores or dashes');

const textContent = z.looseObject({ type: z.literal('text'), text: z.string() });
const userContent = z.discriminatedUnion('type', [
  textContent,
  z.looseObject({
    type: z.literal('image_url'),
    image_url: z.union([z.string(), z.looseObject({ url: z.string() })]),
  }),
  z.looseObject({
    type: z.literal('input_audio'),
    input_audio: z.looseObject({ data: z.string().min(1), format: z.string().min(1) }),
  }),
  z.looseObject({
    type: z.literal('file'),
    file: z.looseObject({
      file_data: z.string().nullish(),
      file_id: z.string().nullish(),
      filename: z.string().nullish(),
    }),
  }),
]);
const assistantContent = z.discriminatedUnion('type', [
  textContent,
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
const toolCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function').nullish(),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
});

const name = z.string().nullish();
const message = z.discriminatedUnion('role', [
  z.looseObject({
    role: z.enum(['system', 'developer']),
    content: z.union([z.string(), z.array(textContent)]),
    name,
  }),
  z.looseObject({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(userContent).min(1)]),
    name,
  }),
  z.looseObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(assistantContent)]).nullish(),
    refusal: z.string().nullish(),
    reasoning_content: z.string().nullish(),
    reasoning: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    name,
  }),
  z.looseObject({
    role: z.literal('tool'),
    tool_call_id: z.string().min(1),
    content: z.union([z.string(), z.array(userContent)]),
  }),
]);

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: toolName,
    description: z.string().nullish(),
    parameters: schemaObject.nullish(),
    strict: z.boolean().nullish(),
  }),
});
const namedToolChoice = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({ name: z.string().min(1) }),
});
const toolChoice = z.union([
  z.enum(['auto', 'none', 'required']),
  z.discriminatedUnion('type', [
    namedToolChoice,
    z.looseObject({
      type: z.literal('allowed_tools'),
      allowed_tools: z.looseObject({
        mode: z.enum(['auto', 'required']),
        tools: z.array(namedToolChoice).min(1),
      }),
    }),
  ]),
]);
const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: z.string().nullish(),
      description: z.string().nullish(),
      schema: schemaObject.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const number = z.number().nullish();
const tokenCount = z.int().positive().nullish();
const body: z.ZodType<ChatCompletionRequest> = z.looseObject({
  model: z.string().min(1).nullish(),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  max_tokens: tokenCount,
  max_completion_tokens: tokenCount,
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  temperature: number,
  top_p: number,
  top_k: tokenCount,
  presence_penalty: number,
  frequency_penalty: number,
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  user: z.string().nullish(),
  n: z.int().positive().nullish(),
});

const refuseUnsupported = (request: ChatCompletionRequest): void => {
  if (request.n != null && request.n > 1) {
    throw badRequest('n', "'n' must be 1: send one request for each answer that you want.");
  }
  if (request['functions'] != null) {
    throw badRequest('functions', "'functions' is deprecated and not supported. Use 'tools' instead.");
  }
  if (request['function_call'] != null) {
    throw badRequest(
      'function_call',
      "'function_call' is deprecated and not supported. Use 'tool_choice' instead.",
    );
  }
};

/**
 * Check a request body. Unknown fields are kept.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field in `details.param`.
 */
export const parseChatCompletionRequest = (value: unknown): ChatCompletionRequest => {
  const result = body.safeParse(value);
  if (!result.success) {
    const { param, message: text } = describeIssues(result.error.issues);
    throw badRequest(param, text);
  }
  refuseUnsupported(result.data);
  return result.data;
};
