import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MillraceError } from '@millrace/core/model';
import { z } from 'zod';
import type { AuditEntry, AuditHead, AuditTrail } from '../audit/audit-trail.js';
import { headOf, nextEntry } from '../audit/chain.js';
import { loadSodium } from '../sealing/sodium.js';
import { createTurns } from '../store/in-turn.js';
import { readText } from './durable-file.js';
import { fileLock } from './file-lock.js';

/** Where to keep the trail. */
export interface FileAuditTrailOptions {
  /** The file: one JSON text a line, only ever added to. */
  readonly path: string;
  /** How long to wait for another process that is writing, in milliseconds. Default: 10,000. */
  readonly lockTimeoutMs?: number | undefined;
}

const entrySchema: z.ZodType<AuditEntry> = z.object({
  seq: z.int(),
  time: z.int(),
  actor: z.string(),
  action: z.enum([
    'create-vault',
    'save',
    'verify',
    'enable',
    'disable',
    'set-priority',
    'rotate',
    'remove',
    'expire',
    'use',
    'reveal',
    'refused',
    'export',
    'import',
    'rotate-master-key',
  ]),
  outcome: z.enum(['success', 'failure']),
  keyId: z.string().optional(),
  key: z.string().optional(),
  count: z.int().optional(),
  note: z.string().optional(),
  previous: z.string(),
  hash: z.string(),
});

/** Keeps the trail in a file that many processes may add to. */
export const fileAuditTrail = ({ path: given, lockTimeoutMs }: FileAuditTrailOptions): AuditTrail => {
  const path = resolve(given);
  const lock = fileLock({ path: `${path}.lock`, timeoutMs: lockTimeoutMs });
  const inTurn = createTurns();
  /** What this process knows of the end; true as long as the file has that length. */
  let known: { readonly length: number; readonly head: AuditHead | undefined } | undefined;

  return {
    append: (fact) =>
      inTurn(async () => {
        const sodium = await loadSodium();
        return lock.hold(async () => {
          const file = await open(path, 'a+', 0o600);
          try {
            const { size } = await file.stat();
            if (known?.length !== size) {
              const text = (await file.readFile()).toString('utf8');
              const whole = text.slice(0, text.lastIndexOf('\n') + 1);
              // A last line without its end was being written when the machine stopped; nobody was told of it.
              if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
              known = { length: Buffer.byteLength(whole), head: headOf(parseLines(whole, path).at(-1)) };
            }
            const entry = nextEntry(sodium, known.head, fact, Date.now());
            const line = `${JSON.stringify(entry)}\n`;
            await file.appendFile(line);
            await file.sync();
            known = { length: known.length + Buffer.byteLength(line), head: headOf(entry) };
            return entry;
          } finally {
            await file.close();
          }
        });
      }),
    async entries() {
      const text = (await readText(path)) ?? '';
      return parseLines(text.slice(0, text.lastIndexOf('\n') + 1), path);
    },
  };
};

const parseLines = (text: string, path: string): AuditEntry[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        value = undefined;
      }
      const entry = entrySchema.safeParse(value);
      if (entry.success) return entry.data;
      throw new MillraceError(
        'TAMPERED',
        `The audit trail ${path} was changed: line ${index + 1} is no entry.`,
        { details: { path, line: index + 1 } },
      );
    });
