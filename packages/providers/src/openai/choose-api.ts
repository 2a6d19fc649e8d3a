import type { ModelRequest } from '@millrace/core/model';
import type { ModelTraits } from '../openai-chat/index.js';

/** An endpoint of OpenAI that answers. */
export type OpenAIApi = 'chat' | 'responses';

/** Says which endpoint answers a request. */
export type ApiChoice = (request: ModelRequest) => OpenAIApi;

/** Models that only the responses endpoint has. */
const ONLY_RESPONSES = /codex|deep-research|computer-use|-pro(?:-|$)/;

/** Whether a model has no chat completions. */
export const needsResponses = (model: string): boolean => ONLY_RESPONSES.test(model);

/** Decide for each request: it may say itself, then the host, then what the request needs. */
export const chooseApi =
  (
    provider: string,
    wanted: 'auto' | OpenAIApi | ((model: string) => OpenAIApi),
    traits: (model: string) => ModelTraits | undefined,
  ): ApiChoice =>
  (request) => {
    const own = { ...request.providerOptions?.['openai'], ...request.providerOptions?.[provider] };
    if (own['api'] === 'chat' || own['api'] === 'responses') return own['api'];
    if (own['previousResponseId'] !== undefined || own['conversation'] !== undefined) return 'responses';
    if (wanted !== 'auto') return typeof wanted === 'function' ? wanted(request.model) : wanted;
    return needs(request, provider, traits(request.model)) ? 'responses' : 'chat';
  };

const needs = (request: ModelRequest, provider: string, traits: ModelTraits | undefined): boolean => {
  const { model, reasoning } = request;
  if (needsResponses(model)) return true;
  if (reasoning === 'max' && traits?.efforts?.includes('max') === true) return true;
  const hasTools = (request.tools?.length ?? 0) > 0;
  // On chat completions such a model would have to stop thinking.
  if (hasTools && traits?.toolsNeedNoReasoning === true && reasoning !== undefined && reasoning !== 'none')
    return true;
  return request.messages.some(
    (message) =>
      message.role === 'assistant' &&
      message.content.some((part) => part.providerMetadata?.[provider]?.['itemId'] !== undefined),
  );
};
