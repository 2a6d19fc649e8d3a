import { v7 } from 'uuid';

const POOL_BYTES = 4_096;
const ID_BYTES = 16;

let pool = new Uint8Array(0);
let used = 0;
let lastMs = 0;
let sequence = 0;

/** Random bytes, fetched in stock: each trip to the system costs as much as hundreds of bytes. */
const randomBytes = (): Uint8Array => {
  if (used + ID_BYTES > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    used = 0;
  }
  used += ID_BYTES;
  return pool.subarray(used - ID_BYTES, used);
};

/** A UUID of version 7 (RFC 9562). Ids of one process sort in the order in which they were made. */
export const createCallId = (): string => {
  const now = Date.now();
  // The clock may stand still or go back; ids must not.
  if (now > lastMs) {
    lastMs = now;
    sequence = 0;
  } else sequence += 1;
  return v7({ msecs: lastMs, seq: sequence, random: randomBytes() });
};
