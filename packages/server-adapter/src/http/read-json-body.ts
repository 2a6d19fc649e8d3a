import { MillraceError } from '@millrace/core/model';
import { requestHint } from './request-hint.js';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Whether a request says that its body is uncompressed JSON. */
export const isJsonRequest = (request: Request): boolean => {
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') return false;
  return JSON_TYPE.test(request.headers.get('content-type') ?? '');
};

const tooLarge = (limit: number): MillraceError =>
  new MillraceError('REQUEST_TOO_LARGE', `The request body is larger than the limit of ${limit} bytes.`);

const readBounded = async (request: Request, limit: number): Promise<string> => {
  // The header is the length: a server reads no more of the body than it says.
  const declared = request.headers.get('content-length');
  if (declared !== null && !request.headers.has('transfer-encoding')) {
    if (Number(declared) > limit) throw tooLarge(limit);
    return request.text();
  }
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return text + decoder.decode();
    size += piece.value.byteLength;
    if (size > limit) {
      reader?.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    text += decoder.decode(piece.value, { stream: true });
  }
};

const readText = async (request: Request, limit: number): Promise<string> => {
  try {
    return await readBounded(request, limit);
  } catch (error) {
    if (MillraceError.isInstance(error)) throw error;
    if (request.signal.aborted) {
      throw new MillraceError('CANCELLED', 'The client closed the connection.', { cause: error });
    }
    throw new MillraceError('BAD_REQUEST', 'The request body could not be read.', { cause: error });
  }
};

/**
 * The body of a request as JSON, read up to a limit.
 *
 * @param limit - Bytes.
 * @throws MillraceError `REQUEST_TOO_LARGE`, `BAD_REQUEST` when it is not JSON, `CANCELLED` when the client is gone.
 */
export const readJsonBody = async (request: Request, limit: number): Promise<unknown> => {
  const known = requestHint(request)?.body;
  if (typeof known === 'object') return known;
  const text = known ?? (await readText(request, limit));
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold a prompt.
    throw new MillraceError('BAD_REQUEST', 'The request body is not valid JSON.');
  }
};
