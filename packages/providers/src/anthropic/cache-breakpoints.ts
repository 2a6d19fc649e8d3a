import type { JsonObject } from '@millrace/core/model';
import type { LossReport } from '../transport/index.js';

/** Counts the places up to which the vendor is asked to cache a prompt. */
export interface CacheBreakpoints {
  /** The field for a block whose metadata asks for one; nothing when it does not, or when there are too many. */
  of(own: JsonObject | undefined): JsonObject;
}

/** The vendor takes this many in tools, system and messages together. */
const MOST = 4;

/** None yet. They are counted in the order in which blocks are written. */
export const createCacheBreakpoints = (warnings: LossReport): CacheBreakpoints => {
  let count = 0;
  return {
    of(own) {
      const mark = own?.['cacheControl'] ?? own?.['cache_control'];
      if (mark === undefined || mark === null) return {};
      count += 1;
      if (count <= MOST) return { cache_control: mark };
      warnings.add(
        'unsupported',
        'cacheControl',
        `The vendor takes ${MOST} cache breakpoints; those after were left out.`,
      );
      return {};
    },
  };
};
