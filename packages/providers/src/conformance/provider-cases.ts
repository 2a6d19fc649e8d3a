import { ANSWER_CASES } from './cases/answers.js';
import { CANCELLATION_CASES } from './cases/cancellation.js';
import { EXTRA_CASES } from './cases/extras.js';
import { FAULT_CASES } from './cases/faults.js';
import { IDENTITY_CASES } from './cases/identity.js';
import { ISOLATION_CASES } from './cases/isolation.js';
import { REQUEST_CASES } from './cases/requests.js';
import type { ProviderCase } from './provider-case.js';

/** Every behaviour that a provider must have, in the order in which they are best looked at. */
export const PROVIDER_CASES: readonly ProviderCase[] = [
  ...IDENTITY_CASES,
  ...ANSWER_CASES,
  ...REQUEST_CASES,
  ...FAULT_CASES,
  ...CANCELLATION_CASES,
  ...ISOLATION_CASES,
  ...EXTRA_CASES,
];
