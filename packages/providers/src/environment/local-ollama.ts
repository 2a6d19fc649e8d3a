import type { Provider } from '@millrace/core/provider';
import { ollama } from '../ollama/index.js';
import { readTags } from '../ollama/model-facts.js';

/** Where to look for Ollama, and how long. */
export interface LocalOllamaOptions {
  /** The value of `OLLAMA_HOST`: a URL, `host:port` or a host. Default: `http://127.0.0.1:11434`. */
  readonly host?: string | undefined;
  /** Milliseconds to wait for an answer. Default: 500. */
  readonly limitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_PORT = '11434';

/**
 * Look for an Ollama on this machine and make a provider of what it has.
 * Models that run here cost nothing; those that Ollama passes on to its cloud have no known price.
 *
 * @returns `undefined` when nothing answers or no model is installed.
 */
export const findLocalOllama = async (options: LocalOllamaOptions = {}): Promise<Provider | undefined> => {
  const host = hostUrl(options.host);
  const limit = AbortSignal.timeout(options.limitMs ?? 500);
  const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
  try {
    const response = await fetch(new URL('/api/tags', host), { signal });
    if (!response.ok) return undefined;
    const models = readTags(await response.json());
    if (models.length === 0) return undefined;
    return ollama({ baseUrl: host.origin, models });
  } catch {
    // Nothing there is the ordinary case, not a failure; a caller who cancelled is told so.
    options.signal?.throwIfAborted();
    return undefined;
  }
};

/** `OLLAMA_HOST` may be any of `0.0.0.0`, `host:port` and a URL. Listening everywhere means reachable here. */
const hostUrl = (host = `127.0.0.1:${DEFAULT_PORT}`): URL => {
  const url = new URL(/^https?:\/\//.test(host) ? host : `http://${host}`);
  if (url.port === '' && url.protocol === 'http:') url.port = DEFAULT_PORT;
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  return url;
};
