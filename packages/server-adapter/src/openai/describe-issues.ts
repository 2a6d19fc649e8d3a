import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong, in a sentence, and the field that it is about. */
export interface IssueDescription {
  /** `messages[2].content[0].image_url.url`; null when it is about the whole body. */
  readonly param: string | null;
  readonly message: string;
}

interface Located {
  readonly issue: Issue;
  readonly path: readonly PropertyKey[];
}

const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

/** Of the alternatives of a union, the one that the value came closest to: whose complaint is deepest inside it. */
const deepest = (issue: Issue, path: readonly PropertyKey[]): Located => {
  const here: Located = { issue, path: [...path, ...issue.path] };
  if (issue.code !== 'invalid_union') return here;
  let best = here;
  for (const [first] of issue.errors) {
    if (first === undefined) continue;
    const found = deepest(first, here.path);
    if (found.path.length > best.path.length) best = found;
  }
  return best;
};

const oneOf = (values: readonly unknown[]): string =>
  `one of ${values.map((value) => (typeof value === 'bigint' ? `${value}` : JSON.stringify(value))).join(', ')}`;

const TYPES = /^Invalid input: expected (.+?)(?:, received (.+))?$/;

/** What would have been right; `undefined` where only the checker's own message tells. */
const expectation = (issue: Issue): string | undefined => {
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  if (issue.code !== 'invalid_union') return TYPES.exec(issue.message)?.[1];
  if ('options' in issue && issue.options !== undefined) return oneOf(issue.options);
  const all = issue.errors.map(([first]) => first && expectation(first));
  return all.includes(undefined) ? undefined : all.join(' or ');
};

const explain = (issue: Issue): string => {
  const expected = expectation(issue);
  if (expected === undefined) return `is not valid. ${issue.message}`;
  const received = TYPES.exec(issue.message)?.[2];
  if (received === 'undefined') return `is missing: expected ${expected}`;
  return received === undefined ? `must be ${expected}` : `must be ${expected}, not ${received}`;
};

/** Put the first complaint of a check into words that name the field. */
export const describeIssues = (issues: readonly Issue[]): IssueDescription => {
  const first = issues[0];
  if (first === undefined) return { param: null, message: 'The request body is not valid.' };
  const { issue, path } = deepest(first, []);
  const param = formatPath(path);
  if (param === '') return { param: null, message: `The request body ${explain(issue)}.` };
  return { param, message: `'${param}' ${explain(issue)}.` };
};
