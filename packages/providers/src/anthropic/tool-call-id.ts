const VALID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Makes ids of other vendors fit: letters, digits, `_` and `-`, at most 64. An id that fits stays; the same id gives
 * the same one throughout a request, and no two become one.
 */
export const createToolCallIds = (): ((id: string) => string) => {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (id) => {
    const known = given.get(id);
    if (known !== undefined) return known;
    const base = VALID.test(id) ? id : id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 56) || 'call';
    let fit = base;
    for (let number = 2; taken.has(fit); number++) fit = `${base.slice(0, 56)}_${number}`;
    taken.add(fit);
    given.set(id, fit);
    return fit;
  };
};
