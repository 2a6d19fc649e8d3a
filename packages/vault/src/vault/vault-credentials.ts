import { type ErrorCode, MillraceError } from '@millrace/core/model';
import type { Credential, CredentialQuery, CredentialSource } from '@millrace/core/provider';
import { describeIdentity } from '../sealing/identity.js';
import type { VaultRecord } from '../store/vault-state.js';
import { type KeyScope, recordsFor } from './choose-keys.js';
import type { OpenedKeys } from './opened-keys.js';
import { factOf, type VaultCore } from './vault-core.js';

/** For whom the keys of a source are. */
export interface CredentialScope {
  /** Default: keys that are for every project. */
  readonly project?: string | undefined;
  /** Such as `prod`. Default: keys that are for every environment. */
  readonly environment?: string | undefined;
}

/** What the source works with. */
export interface VaultCredentialsOptions {
  readonly core: VaultCore;
  readonly opened: OpenedKeys;
  readonly cooldownMs: number;
  /** @throws MillraceError `CLOSED` */
  readonly assertOpen: () => void;
  readonly countUse: (record: VaultRecord) => void;
  readonly report: (error: unknown) => void;
}

/** The sources of one vault; they share what they learn of refused keys. */
export interface VaultCredentials {
  credentials(scope?: CredentialScope): CredentialSource;
  /** A key was verified: what was learned of it before does not count any more. */
  forgive(id: string): void;
}

/** Makes credential sources. */
export const createVaultCredentials = ({
  core,
  opened,
  cooldownMs,
  assertOpen,
  countUse,
  report,
}: VaultCredentialsOptions): VaultCredentials => {
  /** Keys whose account is used up, and until when they rest. */
  const resting = new Map<string, number>();
  /** Keys that were refused and whose refusal may not be stored yet. */
  const refusedKeys = new Set<string>();
  const handedOut = new WeakMap<Credential, VaultRecord>();

  const usable = (record: VaultRecord, now: number): boolean =>
    record.active &&
    record.status !== 'invalid' &&
    !refusedKeys.has(record.id) &&
    (resting.get(record.id) ?? 0) <= now;

  const hand = (record: VaultRecord): Credential => {
    countUse(record);
    const known = opened.get(record);
    if (known !== undefined) return known;
    const bytes = core.open(record);
    try {
      const credential = {
        apiKey: new TextDecoder().decode(bytes),
        label: describeIdentity(record),
      };
      handedOut.set(credential, record);
      opened.keep(record, credential);
      return credential;
    } finally {
      core.sodium.memzero(bytes);
    }
  };

  const choose = (scope: KeyScope, without?: string): Credential | undefined => {
    assertOpen();
    const now = Date.now();
    const records = recordsFor(core.state.records, scope, now);
    const record = records.find((one) => one.id !== without && usable(one, now));
    if (record !== undefined) return hand(record);
    if (without !== undefined || records.length === 0) return undefined;
    throw blocked(records, { resting, refusedKeys, now });
  };

  /** The state of the moment where it is fresh; else a look at the store first. */
  const settled = (): Promise<unknown> | undefined =>
    core.isFresh
      ? undefined
      : // What is known goes on being used while the store cannot be read.
        core.load().catch(report);

  const markInvalid = async (record: VaultRecord): Promise<void> => {
    await core.changeRecord(record.id, (one) => ({ ...one, status: 'invalid', updatedAt: Date.now() }));
    await core.note({ actor: 'vendor', action: 'refused', outcome: 'success', ...factOf(record) });
  };

  const credentials: VaultCredentials['credentials'] = ({ project = '', environment = '' } = {}) => {
    const scopeOf = ({ provider }: CredentialQuery): KeyScope => ({ provider, project, environment });
    return {
      get(query) {
        const waiting = settled();
        return waiting === undefined ? choose(scopeOf(query)) : waiting.then(() => choose(scopeOf(query)));
      },
      async replace(query, refused, code) {
        const record = handedOut.get(refused);
        if (record === undefined) return undefined;
        if (code === 'QUOTA_EXCEEDED') resting.set(record.id, Date.now() + cooldownMs);
        if (code === 'AUTHENTICATION') {
          opened.drop(record.id);
          // At once here, and for good in the store; a store that fails must not hold the next key back.
          refusedKeys.add(record.id);
          await markInvalid(record).then(() => refusedKeys.delete(record.id), report);
        }
        return choose(scopeOf(query), record.id);
      },
    };
  };

  return {
    credentials,
    forgive(id) {
      resting.delete(id);
      refusedKeys.delete(id);
    },
  };
};

/** What was learned of keys since the vault was opened. */
interface Learned {
  readonly resting: ReadonlyMap<string, number>;
  readonly refusedKeys: ReadonlySet<string>;
  readonly now: number;
}

/** Why none of the keys that there are may be used, and what to do. */
const blocked = (records: readonly VaultRecord[], { resting, refusedKeys, now }: Learned): MillraceError => {
  const [first] = records;
  const refused = records.find(
    ({ id, active, status }) => active && (status === 'invalid' || refusedKeys.has(id)),
  );
  const error = (code: ErrorCode, message: string): MillraceError =>
    new MillraceError(code, message, { details: { provider: first?.provider ?? '' } });
  if (refused !== undefined) {
    return error(
      'AUTHENTICATION',
      `The key ${describeIdentity(refused)} was refused by the vendor and is blocked; nothing was sent. Rotate it to a new key, or verify it again if it is valid after all.`,
    );
  }
  const tired = records.find(({ active, id }) => active && (resting.get(id) ?? 0) > now);
  if (tired !== undefined) {
    return error(
      'QUOTA_EXCEEDED',
      `The account of the key ${describeIdentity(tired)} is used up; nothing was sent. Add credit, or save a key of another account.`,
    );
  }
  return error(
    'MISSING_KEY',
    `The key ${first === undefined ? '' : describeIdentity(first)} is switched off; nothing was sent. Enable it, or save another one.`,
  );
};
