import type { ModelRequest } from '../src/model/model-request.js';
import type { ModelInfo } from '../src/provider/model-info.js';
import type { Provider } from '../src/provider/provider.js';
import { createRegistry, type Registry } from '../src/provider/registry.js';
import type { RouteDecision } from '../src/routing/route-decision.js';
import { createRouter, type RouteContext, type RouterOptions } from '../src/routing/router.js';
import type { RoutingPolicy } from '../src/routing/routing-policy.js';
import { play, scriptedProvider, textAnswer } from './scripted-provider.js';

export const QUESTION = 'What is 2+2?';
export const REFACTORING = `Refactor the payment module over all its files: split src/payments/checkout.ts, src/payments/refund.ts
and src/payments/ledger.ts into a hexagonal architecture, keep the public API, move the database code behind ports,
update every caller in src/api and src/jobs, and rewrite the tests so that they run against the new ports.

\`\`\`ts
export class Checkout { constructor(private db: Database, private mailer: Mailer) {} }
\`\`\`
\`\`\`ts
export class Refund { constructor(private db: Database) {} }
\`\`\``;

export const MODELS: readonly ModelInfo[] = [
  { id: 'small', tier: 'economy', price: { input: 0.1, output: 0.4 } },
  { id: 'medium', tier: 'standard', price: { input: 2, output: 8 }, contextWindow: 8_000 },
  { id: 'large', tier: 'premium', price: { input: 10, output: 40 }, contextWindow: 400_000 },
];
export const provider = (
  id: string,
  models: readonly ModelInfo[] = MODELS,
  changes: Partial<Provider> = {},
): Provider => scriptedProvider(play(textAnswer('hi')), { id, label: id, models, ...changes });

export const request = (text: string, model = 'auto', changes: Partial<ModelRequest> = {}): ModelRequest => ({
  model,
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  ...changes,
});

/** What a router is made of. */
export interface SetUp extends Omit<RouterOptions, 'policy'> {
  readonly policy?: RoutingPolicy;
  readonly providers?: readonly Provider[];
  readonly keys?: readonly string[];
}

/** A router, and the providers whose keys were asked for. */
export interface RouterUnderTest {
  readonly asked: readonly string[];
  readonly registry: Registry;
  decide(asking: ModelRequest, context?: RouteContext): Promise<RouteDecision>;
}

export const routerOf = ({
  policy = {},
  providers = [provider('a'), provider('b')],
  keys = [],
  ...options
}: SetUp = {}): RouterUnderTest => {
  const asked: string[] = [];
  const registry = createRegistry({
    providers,
    credentials: {
      get({ provider: id }) {
        asked.push(id);
        return keys.includes(id) ? { apiKey: `${id}-key` } : undefined;
      },
    },
  });
  const router = createRouter(registry, { ...options, policy: () => policy });
  return {
    asked,
    registry,
    decide: async (asking: ModelRequest, context?: RouteContext): Promise<RouteDecision> =>
      router.decide(asking, context),
  };
};
export const first = ({ candidates: [candidate] }: RouteDecision): string =>
  `${candidate?.provider}:${candidate?.model}`;
export const all = ({ candidates }: RouteDecision): string[] =>
  candidates.map((one) => `${one.provider}:${one.model}`);
