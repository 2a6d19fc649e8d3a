/**
 * Counts of latencies in buckets that grow by a tenth, so that every quantile is known to within 5 %. Histograms of
 * several processes add up. The idea is that of DDSketch: C. Masson, J. E. Rim and H. K. Lee, PVLDB 12 (2019) 2195.
 */
export type LatencyHistogram = Record<string, number>;

const GROWTH = Math.log(1.1);

/** Counts a latency of at least 0 milliseconds. */
export const countLatency = (histogram: LatencyHistogram, latencyMs: number): void => {
  const bucket = String(Math.ceil(Math.log(Math.max(1, latencyMs)) / GROWTH));
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
};

/** The time within which a share of the calls ended, in milliseconds; undefined without calls. */
export const latencyQuantile = (histogram: LatencyHistogram, share: number): number | undefined => {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((one, other) => one.bucket - other.bucket);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { bucket, count } of buckets) {
    seen += count;
    if (seen >= share * total) return Math.exp((bucket - 0.5) * GROWTH);
  }
  return undefined;
};
