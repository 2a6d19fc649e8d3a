/** The vendor's id of the answer, or one made of the call's id. */
export const toCompletionId = (vendorId: string | undefined, callId: string): string =>
  vendorId || `chatcmpl-${callId}`;

/** Seconds since 1970 from milliseconds; now where they are not known. */
export const createdAt = (timestamp: number | undefined): number =>
  Math.floor((timestamp ?? Date.now()) / 1000);
