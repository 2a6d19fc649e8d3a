/** The form of ids that a vendor takes. */
interface IdForm {
  readonly valid: RegExp;
  /** Letters, digits and signs of it; every other one is replaced. */
  readonly others: RegExp;
  readonly replacement: string;
  /** Length that an id is cut to, so that a number fits behind it. */
  readonly base: number;
  /** Exact length, filled up with zeros; `undefined` when shorter ids are fine. */
  readonly exact?: number;
}

/** The name of a form. */
type ToolCallIdForm = 'usual' | 'nine-alphanumeric';

const FORMS: Readonly<Record<ToolCallIdForm, IdForm>> = {
  /** Letters, digits, `_` and `-`, at most 64. */
  usual: { valid: /^[A-Za-z0-9_-]{1,64}$/, others: /[^A-Za-z0-9_-]/g, replacement: '_', base: 56 },
  /** Nine letters and digits, as Mistral's. */
  'nine-alphanumeric': {
    valid: /^[A-Za-z0-9]{9}$/,
    others: /[^A-Za-z0-9]/g,
    replacement: '',
    base: 9,
    exact: 9,
  },
};

/**
 * Makes ids of other vendors fit. An id that fits stays; the same id gives the same one throughout a request, and no two
 * become one.
 */
export const createToolCallIds = (name: ToolCallIdForm = 'usual'): ((id: string) => string) => {
  const form = FORMS[name];
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (id) => {
    const known = given.get(id);
    if (known !== undefined) return known;
    let fit = form.valid.test(id) ? id : shape(id, form);
    for (let number = 2; taken.has(fit); number++) fit = numbered(fit, number, form);
    taken.add(fit);
    given.set(id, fit);
    return fit;
  };
};

/** The end of an id tells it apart better than its beginning, which is often the same word. */
const shape = (id: string, { others, replacement, base, exact }: IdForm): string => {
  const clean = id.replace(others, replacement);
  if (exact === undefined) return clean.slice(0, base) || 'call';
  return clean.slice(-exact).padStart(exact, '0');
};

const numbered = (id: string, number: number, { base, exact }: IdForm): string => {
  const suffix = exact === undefined ? `_${number}` : String(number);
  return `${id.slice(0, exact === undefined ? base : exact - suffix.length)}${suffix}`;
};
