import { MillraceError } from '@millrace/core/model';
import type { RegisteredProvider, Registry } from '@millrace/core/provider';
import type { Vault, VaultEntry } from '@millrace/vault';
import type { Handler } from '../create-handler.js';
import {
  type ActorAuthorization,
  createGuardedRoutes,
  type GuardOptions,
  privateAnswer,
  readGuardedBody,
} from '../guard/guarded-routes.js';
import { type KeySelection, parseCredentialBody, parseKeySelection } from './credential-body.js';

/** Who may change keys: the name for the audit trail, an answer that refuses, or nothing, which refuses with 401. */
export type CredentialsAuthorization = ActorAuthorization;

/** How to serve a vault. Whoever is let in can change keys. */
export interface CredentialsHandlerOptions extends GuardOptions {
  readonly vault: Vault;
  /** Its providers are listed, and keys are proven through it. */
  readonly registry: Registry;
}

/** A provider and the key that it would use, as it may be shown. */
interface ProviderStatus {
  readonly provider: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly status: 'verified' | 'invalid' | 'unverified' | 'missing';
  readonly maskedKey: string | null;
  readonly active: boolean;
  readonly lastVerifiedAt: string | null;
}

/** A key is short; nothing longer is read. */
const BODY_LIMIT = 16 * 1024;

const time = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

/** An entry of the vault as JSON. */
const shown = (entry: VaultEntry): object => ({
  ...entry,
  createdAt: time(entry.createdAt),
  updatedAt: time(entry.updatedAt),
  lastVerifiedAt: time(entry.lastVerifiedAt),
  retiresAt: time(entry.retiresAt),
});

const statusOf = (
  { provider, enabled }: RegisteredProvider,
  entries: readonly VaultEntry[],
): ProviderStatus & { readonly keys: readonly object[] } => {
  const keys = entries.filter((entry) => entry.provider === provider.id);
  // The one that stands for the provider: in use before switched off, then by priority.
  const [first] = keys
    .filter(({ retiresAt }) => retiresAt === null)
    .toSorted((a, b) => Number(b.active) - Number(a.active) || b.priority - a.priority);
  return {
    provider: provider.id,
    label: provider.label,
    enabled,
    status: first?.status ?? 'missing',
    maskedKey: first?.maskedKey ?? null,
    active: first?.active ?? false,
    lastVerifiedAt: time(first?.lastVerifiedAt ?? null),
    keys: keys.map(shown),
  };
};

/**
 * Serve the keys of a vault: `GET /api/providers`, and below `/api/providers/{provider}` `POST credentials`,
 * `DELETE credentials` and `POST verify`. Keys go in and never come out. Bodies are not logged. Requests over plain
 * HTTP from another machine, and those that another site makes a browser send, are refused.
 */
export const createCredentialsHandler = (options: CredentialsHandlerOptions): Handler => {
  const { vault, registry } = options;
  const { route, handler } = createGuardedRoutes(options);

  const need = (id: string): RegisteredProvider => {
    const registered = registry.get(id);
    if (registered !== undefined) return registered;
    throw new MillraceError('UNKNOWN_PROVIDER', `There is no provider "${id.slice(0, 64)}".`);
  };
  const find = async (provider: string, { id, project, environment, label }: KeySelection) => {
    const entries = (await vault.list({ provider })).filter(
      (entry) =>
        entry.retiresAt === null &&
        (id === undefined || entry.id === id) &&
        (project === undefined || entry.project === project) &&
        (environment === undefined || entry.environment === environment) &&
        (label === undefined || entry.label === label),
    );
    const [entry] = entries;
    if (entry === undefined)
      throw new MillraceError('NOT_FOUND', `The vault has no such key of the provider "${provider}".`);
    if (entries.length === 1) return entry;
    throw new MillraceError(
      'BAD_REQUEST',
      `There are ${entries.length} such keys. Name one by \`id\`, or by \`label\`, \`project\` and \`environment\`.`,
    );
  };
  const bodyOf = (request: Request): Promise<unknown> => readGuardedBody(request, BODY_LIMIT);

  route('GET', '/api/providers', async () => {
    const entries = await vault.list();
    return privateAnswer(200, { providers: registry.list().map((one) => statusOf(one, entries)) });
  });
  route('POST', '/api/providers/:provider/credentials', async ({ request, actor, param }) => {
    const { provider } = need(param('provider'));
    const { rotate, graceMs, key, id: named, ...rest } = parseCredentialBody(await bodyOf(request));
    if (rotate === true) {
      const old = await find(provider.id, { id: named, ...rest });
      return privateAnswer(200, shown(await vault.rotate(old.id, key, { actor, graceMs })));
    }
    const entry = await vault.save({ provider: provider.id, key, ...rest }, { actor });
    return privateAnswer(201, shown(entry));
  });
  route('DELETE', '/api/providers/:provider/credentials', async ({ request, actor, param }) => {
    const { provider } = need(param('provider'));
    const hasBody = request.headers.has('content-type') && request.headers.get('content-length') !== '0';
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const entry = await find(provider.id, parseKeySelection(hasBody ? await bodyOf(request) : query));
    await vault.remove(entry.id, { actor });
    return privateAnswer(200, { removed: true, id: entry.id });
  });
  route('POST', '/api/providers/:provider/verify', async ({ request, actor, param }) => {
    const { provider } = need(param('provider'));
    const hasBody = request.headers.has('content-type') && request.headers.get('content-length') !== '0';
    const selection = parseKeySelection(hasBody ? await bodyOf(request) : {});
    const { id: keyId } = await find(provider.id, selection);
    const { entry, verification } = await vault.verify(keyId, {
      actor,
      signal: request.signal,
      verifier: (name, credential, signal) => registry.verify(name, signal, credential),
    });
    return privateAnswer(200, { ...shown(entry), verification });
  });
  return handler(['/api/providers']);
};
