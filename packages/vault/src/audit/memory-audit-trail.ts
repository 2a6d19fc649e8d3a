import { loadSodium } from '../sealing/sodium.js';
import type { AuditEntry, AuditTrail } from './audit-trail.js';
import { headOf, nextEntry } from './chain.js';

/** Keeps the trail in the memory of this process. */
export const memoryAuditTrail = (): AuditTrail => {
  const entries: AuditEntry[] = [];
  return {
    async append(fact) {
      const sodium = await loadSodium();
      const entry = nextEntry(sodium, headOf(entries.at(-1)), fact, Date.now());
      entries.push(entry);
      return entry;
    },
    entries: async () => [...entries],
  };
};
