/** A value that is safe in a header: text beyond ASCII is percent-encoded. */
export const headerValue = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
