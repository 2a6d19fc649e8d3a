import { badRequest } from './bad-request.js';

/** The content of a `data:` URL. */
export interface DataUrl {
  /** Empty where the URL names none. */
  readonly mediaType: string;
  /** Base64 text, or bytes where the URL was not in base64. */
  readonly data: string | Uint8Array;
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Base64 text without the white space that some encoders put in; `undefined` when it is something else. */
export const cleanBase64 = (text: string): string | undefined => {
  if (BASE64.test(text)) return text;
  const dense = text.replace(/\s+/g, '');
  return BASE64.test(dense) ? dense : undefined;
};

/**
 * Take a `data:` URL apart; `undefined` for any other URL.
 *
 * @throws MillraceError `BAD_REQUEST` when it is a `data:` URL that cannot be decoded.
 */
export const parseDataUrl = (url: string, param: string): DataUrl | undefined => {
  if (!/^data:/i.test(url)) return undefined;
  const comma = url.indexOf(',');
  if (comma === -1) throw badRequest(param, `'${param}' is a data URL without a comma before its data.`);
  const [type = '', ...flags] = url.slice('data:'.length, comma).split(';');
  const mediaType = type.trim().toLowerCase();
  const payload = url.slice(comma + 1);
  if (flags.some((flag) => flag.trim().toLowerCase() === 'base64')) {
    const data = cleanBase64(payload);
    if (data === undefined)
      throw badRequest(param, `'${param}' is a data URL whose data is not base64, or empty.`);
    return { mediaType, data };
  }
  try {
    return { mediaType, data: new TextEncoder().encode(decodeURIComponent(payload)) };
  } catch {
    throw badRequest(param, `'${param}' is a data URL with a broken percent-encoding.`);
  }
};
