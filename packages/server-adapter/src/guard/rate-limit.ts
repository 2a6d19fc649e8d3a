/** So many requests in so long, for each actor. */
export interface RateLimit {
  /** Default: 30. */
  readonly requests?: number | undefined;
  /** Milliseconds. Default: 60,000. */
  readonly windowMs?: number | undefined;
}

/** Counts one request; gives the milliseconds to wait when it is one too many. */
export type RateLimiter = (actor: string) => number | undefined;

/** Actors that are remembered at once; an attacker must not fill the memory with names. */
const MOST_ACTORS = 10_000;

/** A window that slides: the moments of the last requests of each actor. */
export const createRateLimiter = ({ requests = 30, windowMs = 60_000 }: RateLimit = {}): RateLimiter => {
  const moments = new Map<string, number[]>();
  return (actor) => {
    const now = performance.now();
    const recent = (moments.get(actor) ?? []).filter((moment) => now - moment < windowMs);
    const [oldest] = recent;
    moments.delete(actor);
    const [first] = moments.keys();
    if (moments.size >= MOST_ACTORS && first !== undefined) moments.delete(first);
    if (recent.length >= requests && oldest !== undefined) {
      moments.set(actor, recent);
      return Math.ceil(windowMs - (now - oldest));
    }
    recent.push(now);
    moments.set(actor, recent);
    return undefined;
  };
};
