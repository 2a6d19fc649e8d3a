import type { ModelRequest } from '../model/model-request.js';
import type { ModelInfo } from '../provider/model-info.js';

/** What the request needs and the model is known not to have; `undefined` when nothing is known to be missing. */
export const lacking = (model: ModelInfo, request: ModelRequest): string | undefined => {
  const { capabilities } = model;
  if (capabilities === undefined) return undefined;
  if (capabilities.tools === false && (request.tools?.length ?? 0) > 0) return 'tools';
  if (capabilities.json === false && request.responseFormat?.type === 'json') return 'JSON output';
  if (capabilities.vision === false && hasImage(request)) return 'images as input';
  return undefined;
};

const hasImage = (request: ModelRequest): boolean =>
  request.messages.some(
    (message) =>
      message.role === 'user' &&
      message.content.some((part) => part.type === 'file' && part.mediaType.startsWith('image/')),
  );
