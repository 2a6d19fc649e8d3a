/** Keys rotate; what was prepared for this many is kept. */
const MOST_KEYS = 16;

/** Do something that is costly once for each key, such as building an SDK's client, and keep what it gave. */
export const perKey = <Prepared>(
  prepare: (apiKey: string | undefined) => Promise<Prepared>,
): ((apiKey: string | undefined) => Promise<Prepared>) => {
  const prepared = new Map<string, Promise<Prepared>>();
  return (apiKey) => {
    const key = apiKey ?? '';
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const fresh = prepare(apiKey);
    prepared.set(key, fresh);
    fresh.catch(() => prepared.delete(key));
    const [oldest] = prepared.keys();
    if (prepared.size > MOST_KEYS && oldest !== undefined) prepared.delete(oldest);
    return fresh;
  };
};
