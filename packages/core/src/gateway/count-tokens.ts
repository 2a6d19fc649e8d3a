import type { Registry } from '../provider/registry.js';
import type { TokenCount } from '../provider/token-count.js';
import type { Router } from '../routing/router.js';
import { estimateRequestTokens } from '../tokens/estimate-tokens.js';
import { loadTokenizer } from '../tokens/load-tokenizer.js';
import type { CallProvider } from './call-provider.js';
import type { ChatRequest, TimeLimits } from './chat-request.js';
import { normaliseRequest } from './normalise-request.js';
import { type RetryOptions, retryPolicy } from './retry-policy.js';
import { totalLimit } from './total-limit.js';

/** What counting works with. */
export interface CountTokensOptions {
  readonly registry: Registry;
  readonly router: Router;
  readonly callProvider: CallProvider;
  readonly defaultModel: string;
  readonly timeLimits: TimeLimits | undefined;
  readonly retry: RetryOptions | undefined;
}

/** Counts a request's input tokens: by the vendor where it offers that, else by a tokenizer. */
export const createCountTokens =
  ({ registry, router, callProvider, ...options }: CountTokensOptions) =>
  async (request: ChatRequest): Promise<TokenCount> => {
    const asked = normaliseRequest(request, options.defaultModel);
    const { signal, timeLimits, retry } = request;
    const decision = await router.decide(asked, {
      cancellation: signal && { signal },
      routing: request.routing,
    });
    const [first] = decision.candidates;
    const provider = first && registry.get(first.provider)?.provider;
    const counted = async (): Promise<TokenCount> => {
      const { count } = await loadTokenizer(first?.model ?? asked.model);
      return { tokensIn: estimateRequestTokens(asked, count), estimated: true };
    };
    if (first === undefined || provider?.countTokens === undefined) return counted();
    const routed = { ...asked, model: first.model };
    return callProvider({
      provider: first.provider,
      signal,
      limitMs: totalLimit(timeLimits, options.timeLimits),
      retry: retryPolicy(retry, options.retry),
      run: async (found, context) => (await found.countTokens?.(routed, context)) ?? counted(),
    });
  };
