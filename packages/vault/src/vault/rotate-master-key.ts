import { MillraceError } from '@millrace/core/model';
import type { MasterKeySource } from '../master-key/master-key-source.js';
import { resealDataKey } from '../sealing/seal-record.js';
import type { VaultHeader, VaultState } from '../store/vault-state.js';
import { currentEntry } from './current-key.js';
import { makeMasterKey } from './new-master-key.js';
import type { VaultCore } from './vault-core.js';

/** Records that are sealed anew in one write. */
const BATCH = 50;

/**
 * Seal every record to a new master key, in steps of which each leaves all keys readable: first the header knows both
 * keys, then the records move over, then the old key is forgotten. Going on after a crash is calling it again with the
 * same source.
 *
 * @returns how many records were moved.
 */
export const rotateMasterKey = async (core: VaultCore, to: MasterKeySource): Promise<number> => {
  await beginOrResume(core, to);
  let moved = 0;
  let state: VaultState;
  do {
    moved += await moveRecords(core);
    state = await core.change(forgetOld);
  } while (needHeader(state).masterKeys.length > 1);
  return moved;
};

const needHeader = ({ header }: VaultState): VaultHeader => {
  if (header !== undefined) return header;
  throw new MillraceError('MASTER_KEY', 'The vault has no master key yet.');
};

const beginOrResume = async (core: VaultCore, to: MasterKeySource): Promise<void> => {
  const { sodium, ring } = core;
  const header = needHeader(await core.load());
  const underWay = header.masterKeys.some(({ state }) => state === 'retiring');
  if (underWay) {
    if (await ring.opens(to, currentEntry(header))) return;
    throw new MillraceError(
      'CONFLICT',
      'A rotation to another master key is under way. Finish it first, with the source that it was begun with.',
    );
  }
  const { pair, entry } = await makeMasterKey(sodium, to);
  if (header.masterKeys.some(({ id }) => id === pair.id)) {
    throw new MillraceError('CONFLICT', `The master key that ${to.name} gives is the one in use already.`);
  }
  await core.change((state) => {
    const now = needHeader(state);
    if (now.masterKeys.length > 1)
      throw new MillraceError('CONFLICT', 'Another process has begun a rotation at the same moment.');
    const old = now.masterKeys.map((one) => ({ ...one, state: 'retiring' as const }));
    return { ...state, header: { ...now, masterKeys: [entry, ...old] } };
  });
  ring.add(pair);
};

const moveRecords = async (core: VaultCore): Promise<number> => {
  const { sodium, ring } = core;
  let moved = 0;
  for (;;) {
    let batch = 0;
    await core.change((state) => {
      const { id } = currentEntry(needHeader(state));
      const target = ring.get(id);
      if (target === undefined)
        throw new MillraceError('CONFLICT', 'Another process has rotated the master key meanwhile.');
      const records = state.records.map((record) => {
        if (record.masterKeyId === id || batch === BATCH) return record;
        const from = ring.get(record.masterKeyId);
        if (from === undefined) {
          throw new MillraceError(
            'MASTER_KEY',
            'A record is sealed to a master key that this process was not given. Give it as `previousMasterKeys`.',
            { details: { masterKeyId: record.masterKeyId } },
          );
        }
        batch += 1;
        return { ...record, ...resealDataKey(sodium, from, target, record, record) };
      });
      return batch === 0 ? state : { ...state, records };
    });
    moved += batch;
    if (batch === 0) return moved;
  }
};

const forgetOld = (state: VaultState): VaultState => {
  const header = needHeader(state);
  const { id } = currentEntry(header);
  // A writer that came in between has sealed to the new key already: it seals to the newest header.
  if (state.records.some((record) => record.masterKeyId !== id)) return state;
  return { ...state, header: { ...header, masterKeys: [currentEntry(header)] } };
};
