// RFC 4180: fields between commas, lines that end in CRLF, quotes doubled.

/**
 * What spreadsheets take for the beginning of a formula: also behind a tab or a line end, and in the full width of East
 * Asian writing.
 */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** Text as a field. What a spreadsheet would compute gets an apostrophe before it, which makes it text. */
const textField = (text: string): string => {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** A value as a field. Null is an empty field; lists and objects are JSON. */
const field = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return textField(typeof value === 'string' ? value : JSON.stringify(value));
};

/** One line, its end included. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(field).join(',')}\r\n`;
