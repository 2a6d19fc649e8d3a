/**
 * The subjects that were seen, a bit each in 16 KiB. Two subjects can share a bit; the second of them then counts as
 * seen, which costs a score (one in 14 after 10,000 subjects) and nothing else: bits say nothing about arms or scores.
 */
export type SubjectMarks = Uint8Array;

const BYTES = 16_384;

/** None yet. */
export const newSubjectMarks = (): SubjectMarks => new Uint8Array(BYTES);

/** Marks a subject by its number. Returns whether it was marked before. */
export const markSubject = (marks: SubjectMarks, mark: number): boolean => {
  const bit = mark % (BYTES * 8);
  const index = bit >>> 3;
  const mask = 1 << (bit & 7);
  const before = marks[index] ?? 0;
  marks[index] = before | mask;
  return (before & mask) !== 0;
};

/** The marks as text. */
export const formatMarks = (marks: SubjectMarks): string => {
  const end = marks.findLastIndex((byte) => byte !== 0) + 1;
  return btoa(Array.from(marks.subarray(0, end), (byte) => String.fromCharCode(byte)).join(''));
};

/** The marks from text; none from text that cannot be read. */
export const parseMarks = (text: unknown): SubjectMarks => {
  const marks = newSubjectMarks();
  if (typeof text !== 'string') return marks;
  try {
    for (const [index, character] of [...atob(text)].slice(0, BYTES).entries()) {
      marks[index] = character.charCodeAt(0);
    }
    return marks;
  } catch {
    return newSubjectMarks();
  }
};
