import { expect, test } from 'vitest';

const wanted = process.env['MILLRACE_EXPECT_NODE'] ?? '';

test.skipIf(wanted === '')('runs on the Node that MILLRACE_EXPECT_NODE names', () => {
  console.log(`tests run on Node ${process.version}`);
  expect(process.versions.node.split('.')[0]).toBe(wanted);
});
