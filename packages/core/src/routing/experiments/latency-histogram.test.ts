import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLatency, type LatencyHistogram, latencyQuantile } from './latency-histogram.js';

test('a quantile is right to within 5 %', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (latencies, share) => {
        const histogram: LatencyHistogram = {};
        for (const latency of latencies) countLatency(histogram, latency);
        const sorted = latencies.toSorted((one, other) => one - other);
        const exact = sorted[Math.ceil(share * sorted.length - 1e-9) - 1] ?? Number.NaN;
        const found = latencyQuantile(histogram, share) ?? Number.NaN;
        expect(found / exact).toBeGreaterThan(0.95);
        expect(found / exact).toBeLessThan(1.05);
      },
    ),
  );
});

test('nothing is known without calls', () => {
  expect(latencyQuantile({}, 0.95)).toBeUndefined();
});
