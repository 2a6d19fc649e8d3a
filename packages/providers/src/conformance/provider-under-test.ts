import type { Provider } from '@millrace/core/provider';
import { inTime } from './check.js';
import type { CaseContext, ProviderCase } from './provider-case.js';
import { PROVIDER_CASES } from './provider-cases.js';
import { TEXT_ANSWER } from './scene.js';
import { startUpstream, type Upstream } from './upstream.js';
import type { WireDialect } from './wire-dialect.js';

/** A provider that is to be proven. */
export interface ProviderUnderTest {
  /** Makes the provider at an address. Called anew for each case. */
  create(options: { readonly baseUrl: string; readonly apiKey: string }): Provider;
  /** How its API speaks. Absent for a provider without an API: then only what it says of itself is looked at. */
  readonly dialect?: WireDialect | undefined;
  /** A model to ask. Default: the first that it lists, or `conformance-model`. */
  readonly model?: string | undefined;
  /** Cases that do not apply, by name, each with the reason. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
}

/** What became of a case. */
export type CaseResult =
  | { readonly name: string; readonly outcome: 'passed' }
  | { readonly name: string; readonly outcome: 'left-out'; readonly reason: string }
  | { readonly name: string; readonly outcome: 'failed'; readonly error: unknown };

/** A key that is none; it must turn up nowhere. */
const API_KEY = 'sk-conformance-0123456789abcdef';
/** Nobody listens on the port of the discard service. */
const NOBODY = 'http://127.0.0.1:9';
const CASE_MS = 30_000;

/**
 * Run one case against a provider, in a world of its own.
 *
 * @throws Error for a reason to skip that names no case.
 */
export const runProviderCase = async (one: ProviderCase, subject: ProviderUnderTest): Promise<CaseResult> => {
  const { name } = one;
  const { dialect, create } = subject;
  const skipped = subject.skip?.[name];
  if (skipped !== undefined) return { name, outcome: 'left-out', reason: skipped };
  const upstream: Upstream | undefined = dialect && (await startUpstream(dialect, { answer: TEXT_ANSWER }));
  try {
    const provider = create({ baseUrl: upstream?.baseUrl ?? NOBODY, apiKey: API_KEY });
    const context: CaseContext = {
      provider,
      model: subject.model ?? provider.models[0]?.id ?? 'conformance-model',
      apiKey: API_KEY,
      upstream,
      dialect,
      unreachable: () => create({ baseUrl: `${NOBODY}${dialect?.basePath ?? ''}`, apiKey: API_KEY }),
    };
    const reason = one.leftOut?.(context);
    if (reason !== undefined) return { name, outcome: 'left-out', reason };
    await inTime(one.run(context), `The end of "${name}"`, CASE_MS);
    return { name, outcome: 'passed' };
  } catch (error) {
    return { name, outcome: 'failed', error };
  } finally {
    await upstream?.close();
  }
};

/** Run every case, without any test framework. */
export const runProviderCases = async (subject: ProviderUnderTest): Promise<readonly CaseResult[]> => {
  checkSkips(subject);
  const results: CaseResult[] = [];
  for (const one of PROVIDER_CASES) results.push(await runProviderCase(one, subject));
  return results;
};

/** @throws Error for a reason to skip that names no case: a case that was renamed must not stay skipped unseen. */
export const checkSkips = ({ skip = {} }: ProviderUnderTest): void => {
  const names = new Set(PROVIDER_CASES.map(({ name }) => name));
  for (const [name, reason] of Object.entries(skip)) {
    if (!names.has(name)) throw new Error(`There is no case "${name}" to skip.`);
    if (reason.trim() === '') throw new Error(`The case "${name}" is skipped without a reason.`);
  }
};
