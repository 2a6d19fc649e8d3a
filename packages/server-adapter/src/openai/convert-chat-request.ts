import type { CallLabels, ChatRequest } from '@millrace/core/gateway';
import type { JsonSchema, ResponseFormat } from '@millrace/core/model';
import type { ChatCompletionRequest, ChatCompletionResponseFormat } from './chat-completion-request.js';
import { toMessages } from './convert-messages.js';
import { toTools } from './convert-tools.js';
import { vendorFields } from './vendor-fields.js';

const toResponseFormat = (format: ChatCompletionResponseFormat): ResponseFormat => {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json_object') return { type: 'json' };
  const { name, description, schema, strict } = format.json_schema;
  return {
    type: 'json',
    // It comes out of a JSON body, so it is JSON.
    schema: (schema as JsonSchema | null | undefined) ?? undefined,
    name: name ?? undefined,
    description: description ?? undefined,
    // The vendor's default; without a word it would be ours, which is to enforce what can be enforced.
    strict: strict ?? false,
  };
};

/**
 * A checked body as a request to the gateway. Fields that have no word of ours go to `providerOptions.openai` as
 * they are; `user` does too, and labels the call when `labels` has no user.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field.
 */
export const toChatRequest = (
  body: ChatCompletionRequest,
  labels: CallLabels,
  signal: AbortSignal,
): ChatRequest => {
  const {
    model,
    messages,
    stream: _stream,
    stream_options: _streamOptions,
    tools: _tools,
    tool_choice: _toolChoice,
    parallel_tool_calls,
    response_format,
    max_tokens,
    max_completion_tokens,
    stop,
    seed,
    temperature,
    top_p,
    top_k,
    presence_penalty,
    frequency_penalty,
    reasoning_effort,
    n: _n,
    ...rest
  } = body;
  return {
    model: model ?? undefined,
    messages: toMessages(messages),
    ...toTools(body),
    responseFormat: response_format == null ? undefined : toResponseFormat(response_format),
    maxOutputTokens: max_completion_tokens ?? max_tokens ?? undefined,
    temperature: temperature ?? undefined,
    topP: top_p ?? undefined,
    topK: top_k ?? undefined,
    presencePenalty: presence_penalty ?? undefined,
    frequencyPenalty: frequency_penalty ?? undefined,
    stopSequences: typeof stop === 'string' ? [stop] : (stop ?? undefined),
    seed: seed ?? undefined,
    reasoning: reasoning_effort ?? undefined,
    parallelToolCalls: parallel_tool_calls ?? undefined,
    providerOptions: vendorFields(rest),
    project: labels.project,
    user: labels.user ?? body.user ?? undefined,
    apiKeyId: labels.apiKeyId,
    runId: labels.runId,
    tags: labels.tags,
    signal,
  };
};
