/** What a line of a message is. */
export type LineKind = 'blank' | 'fence' | 'diff' | 'trace' | 'error' | 'log' | 'code' | 'prose';

// Each is anchored and has no open-ended repetition: the time is bounded by the pattern.
const LOG_START =
  /^[[(]?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d)/;
const DIFF_STARTS = ['diff --git ', '@@ ', '--- a/', '+++ b/', 'index '];
const TRACE_STARTS = [
  'Traceback (most',
  'Caused by: ',
  'Exception in thread ',
  'goroutine ',
  'thread ',
  'File "',
  'note: run with ',
];
const CODE_STARTS = [
  'import ',
  'export ',
  'const ',
  'let ',
  'var ',
  'function ',
  'def ',
  'class ',
  'return ',
  'if (',
  'for (',
  'while (',
  'public ',
  'private ',
  'from ',
  'async ',
  'func ',
  'fn ',
  '#include',
  'SELECT ',
  'INSERT ',
  'UPDATE ',
  'CREATE ',
  'ALTER ',
  'DELETE FROM ',
  '$ ',
];
const LINE_ENDS_OF_CODE = ';{}';
const SYMBOLS = '(){}[]=<>;|&$_+*\\^';
/** From this share of symbols on a line is code. */
const DENSE = 0.14;
const LONGEST_LOOK = 200;

const startsWithOne = (line: string, starts: readonly string[]): boolean =>
  starts.some((start) => line.startsWith(start));

/** How many of the first characters are symbols that code is full of. */
const symbolsIn = (line: string): number => {
  let count = 0;
  const end = Math.min(line.length, LONGEST_LOOK);
  for (let index = 0; index < end; index++) if (SYMBOLS.includes(line[index] ?? '')) count += 1;
  return count;
};

const isTrace = (line: string): boolean => {
  if (line.startsWith('at ')) return line.endsWith(')') || line.includes(':');
  if (!startsWithOne(line, TRACE_STARTS)) return false;
  if (line.startsWith('thread ')) return line.includes('panicked at');
  if (line.startsWith('File "')) return line.includes('", line ');
  return true;
};

/** `TypeError: …`, `error[E0502]: …`, `npm ERR! …`. */
const isError = (line: string): boolean => {
  if (line.startsWith('npm ERR!') || line.startsWith('npm error')) return true;
  const colon = line.slice(0, LONGEST_LOOK).indexOf(': ');
  if (colon < 1) return false;
  const head = line.slice(0, colon);
  if (head.includes(' ')) return head.startsWith('error TS') || head.startsWith('fatal error');
  return (
    head.endsWith('Error') || head.endsWith('Exception') || head.startsWith('error[') || head === 'panic'
  );
};

const isCode = (line: string, symbols: number): boolean => {
  const last = line.at(-1) ?? '';
  if (LINE_ENDS_OF_CODE.includes(last)) return true;
  if (symbols > 0 && last !== '.' && last !== '?' && startsWithOne(line, CODE_STARTS)) return true;
  return symbols >= 3 && symbols / Math.min(line.length, LONGEST_LOOK) >= DENSE;
};

/** What a trimmed line outside of a code block is, by its looks alone. */
export const lineKind = (line: string): LineKind => {
  if (line === '') return 'blank';
  if (line.startsWith('```') || line.startsWith('~~~')) return 'fence';
  if (startsWithOne(line, DIFF_STARTS) && (line[0] !== 'i' || line.includes('..'))) return 'diff';
  if (isTrace(line)) return 'trace';
  if (isError(line)) return 'error';
  if (LOG_START.test(line)) return 'log';
  return isCode(line, symbolsIn(line)) ? 'code' : 'prose';
};
