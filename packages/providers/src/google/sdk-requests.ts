import { loadSdk, perKey } from '../transport/index.js';

/** Where requests go and what they say of themselves, as the SDK writes it. */
export interface SdkRequests {
  /** Up to and with the API's version, without a slash at its end. */
  readonly root: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What every client of one provider shares. */
export interface SdkRequestOptions {
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const PROBE = '/models/probe:generateContent';
/** Of the vendor's API; the SDK's own default may differ from release to release. */
const API_VERSION = 'v1beta';

/**
 * Gives the requests of a key. The SDK is loaded with the first call. It has no way to write a request without sending
 * it, so it is handed a `fetch` that notes what it would have sent, once for each key; nothing reaches the network.
 */
export const createSdkRequests = (
  options: SdkRequestOptions,
): ((apiKey: string | undefined) => Promise<SdkRequests>) =>
  perKey(async (apiKey) => {
    const { GoogleGenAI } = await loadSdk('@google/genai', () => import('@google/genai'));
    let written: SdkRequests | undefined;
    const note = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const url = String(input instanceof Request ? input.url : input);
      written = {
        root: url.slice(0, url.indexOf(PROBE)),
        headers: Object.fromEntries(new Headers(init?.headers)),
      };
      return new Response('{"candidates":[]}', { headers: { 'content-type': 'application/json' } });
    };
    const client = new GoogleGenAI({
      // Everything is given, so that nothing is taken from the environment behind the host's back.
      apiKey: apiKey ?? 'none',
      vertexai: false,
      apiVersion: API_VERSION,
      httpOptions: {
        baseUrl: options.baseUrl,
        apiVersion: API_VERSION,
        fetch: note,
        ...(options.headers !== undefined && { headers: { ...options.headers } }),
      },
    });
    await client.models.generateContent({ model: 'probe', contents: 'probe' });
    if (written === undefined) throw new Error('The SDK sent nothing.');
    const { 'x-goog-api-key': key, ...headers } = written.headers;
    return {
      root: written.root,
      headers: apiKey === undefined || key === undefined ? headers : { ...headers, 'x-goog-api-key': key },
    };
  });
