import type { Gateway } from '@millrace/core/gateway';
import { type GuardedRoutes, privateAnswer } from '../guard/guarded-routes.js';

const HOUR_MS = 3_600_000;

/** `GET /api/status`: which providers can be called, what is skipped, how calls are routed, and the last hour. */
export const addStatusRoutes = ({ route }: Pick<GuardedRoutes, 'route'>, gateway: Gateway): void => {
  const { registry, routing, ledger } = gateway;
  route('GET', '/api/status', async ({ request }) => {
    const { signal } = request;
    const policy = routing.policy();
    // In single-model mode of the other providers it is not even found out whether they have a key.
    const only =
      policy.mode === 'single-model' && policy.allowFailover !== true ? policy.activeProvider : undefined;
    const models = registry.models();
    const providers = await Promise.all(
      registry.list().map(async ({ provider, enabled, priority }) => ({
        id: provider.id,
        label: provider.label,
        enabled,
        priority,
        simulated: provider.simulated === true,
        ready:
          only === undefined || only === provider.id
            ? await registry.isReady(provider.id, signal).catch(() => false)
            : null,
        models: models.filter((model) => model.provider === provider.id).length,
      })),
    );
    const [lastHour] = await ledger.summarize({ from: Date.now() - HOUR_MS, signal });
    const skipped = (routing.coolDown?.list() ?? []).map(({ until, ...entry }) => ({
      ...entry,
      until: new Date(until).toISOString(),
    }));
    return privateAnswer(200, { providers, skipped, routing: policy, lastHour });
  });
};
