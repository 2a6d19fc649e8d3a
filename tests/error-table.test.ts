import { ERROR_CODES } from '@millrace/core';
import { expect, test } from 'vitest';

const table = (): string => {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { httpStatus, retryable, meaning }]) =>
      `| \`${code}\` | ${meaning} | ${retryable ? 'yes' : 'no'} | ${httpStatus} |`,
  );
  return [
    '# Errors',
    '',
    'Every failure is a `MillraceError`. Branch on `code`; codes may be added, never renamed. This page is made from',
    'the source: `npm run vitest -- run tests/error-table.test.ts -u` writes it anew.',
    '',
    '- `retryable`: the same request may succeed later, unchanged. A single error can say otherwise.',
    '- HTTP: the status that `@millrace/server-adapter` answers with.',
    '- A `BudgetError` also has `budget`, `limitUsd`, `usedUsd`, `reservedUsd`, `neededUsd` and `retryAfterMs`.',
    '- A `ProviderError` also has `provider`, `model`, `status`, `retryAfterMs` and `requestId`; a `ConfigError` has',
    '  `file`, `line` and `key`.',
    '',
    '| code | thrown when | retryable | HTTP |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
};

test('the page of error codes says what the source says', async () => {
  await expect(table()).toMatchFileSnapshot('../docs/errors.md');
});
