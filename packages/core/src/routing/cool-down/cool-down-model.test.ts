import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../model/errors/error-code.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { type CoolDown, createCoolDown } from './cool-down.js';
import type { CoolDownCall } from './cool-down-standing.js';

const POLICY = { failures: 3, baseMs: 100, maxMs: 800, maxTrialMs: 1_000 };
const MODELS = ['a', 'b'] as const;
type Scope = 'p' | 'p a' | 'p b';

/** The rules written down a second time: what is known of the provider, or of a model. */
interface Known {
  failures: number;
  level: number;
  /** Undefined while it is called normally. */
  until: number | undefined;
  /** Grows when it begins or ceases to be skipped. */
  era: number;
  trial: { readonly call: number; readonly over: number } | undefined;
}

interface ModelCall {
  readonly id: number;
  readonly eras: ReadonlyMap<Scope, number>;
}

interface Model {
  readonly known: Record<Scope, Known>;
  readonly calls: ModelCall[];
  begun: number;
}

interface Real {
  readonly coolDown: CoolDown;
  readonly clock: { now: number };
  readonly calls: CoolDownCall[];
}

const scopesOf = (model: string): readonly Scope[] => ['p', `p ${model}` as Scope];

const isFree = (known: Known, now: number): boolean =>
  known.until === undefined || (known.until <= now && (known.trial === undefined || known.trial.over < now));

const begin = (name: string, force: boolean): fc.Command<Model, Real> => ({
  check: () => true,
  run(model, { coolDown, clock, calls }) {
    const scopes = scopesOf(name);
    const free = scopes.filter((scope) => isFree(model.known[scope], clock.now));
    const callable = free.length === scopes.length;
    expect(coolDown.check('p', name).callable).toBe(callable);
    const call = coolDown.begin('p', name, { force });
    expect(call !== undefined).toBe(callable || force);
    if (call === undefined) return;
    const tried = free.filter((scope) => model.known[scope].until !== undefined);
    expect(call.trial).toBe(tried.length > 0);
    model.begun += 1;
    for (const scope of tried) {
      model.known[scope].trial = { call: model.begun, over: clock.now + POLICY.maxTrialMs };
    }
    model.calls.push({
      id: model.begun,
      eras: new Map(scopes.map((scope) => [scope, model.known[scope].era])),
    });
    calls.push(call);
  },
  toString: () => `begin ${name}${force ? ' by force' : ''}`,
});

type Outcome = ErrorCode | 'success' | 'abandon';

/** What a failure says something about. */
const CONCERNED: Partial<Record<Outcome, (scope: Scope) => boolean>> = {
  AUTHENTICATION: (scope) => scope === 'p',
  NETWORK: () => true,
  SERVER_ERROR: (scope) => scope !== 'p',
};

const endOne = (known: Known, outcome: Outcome, concerned: boolean, wasTrial: boolean, now: number): void => {
  if (outcome === 'success') {
    if (known.until !== undefined) known.era += 1;
    Object.assign(known, { failures: 0, level: 0, until: undefined });
    return;
  }
  if (!concerned) return;
  if (known.until === undefined) known.failures += 1;
  if (known.until === undefined ? known.failures < POLICY.failures : !wasTrial) return;
  known.level += 1;
  known.until = now + Math.min(POLICY.maxMs, POLICY.baseMs * 2 ** (known.level - 1));
  known.era += 1;
};

const end = (pick: number, outcome: Outcome): fc.Command<Model, Real> => ({
  check: ({ calls }) => calls.length > 0,
  run(model, real) {
    const index = pick % model.calls.length;
    const [call] = model.calls.splice(index, 1);
    const [ended] = real.calls.splice(index, 1);
    if (outcome === 'success') ended!.succeeded();
    else if (outcome === 'abandon') ended!.abandoned();
    else ended!.failed(new MillraceError(outcome, 'x'));
    for (const [scope, era] of call!.eras) {
      const known = model.known[scope];
      const wasTrial = known.trial?.call === call!.id;
      if (wasTrial) known.trial = undefined;
      if (known.era !== era) continue;
      endOne(known, outcome, CONCERNED[outcome]?.(scope) ?? false, wasTrial, real.clock.now);
    }
  },
  toString: () => `end ${pick}: ${outcome}`,
});

const wait = (ms: number): fc.Command<Model, Real> => ({
  check: () => true,
  run(_, { clock }) {
    clock.now += ms;
  },
  toString: () => `wait ${ms}`,
});

const commands = [
  fc
    .tuple(fc.constantFrom(...MODELS), fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()))
    .map(([model, force]) => begin(model, force)),
  fc
    .tuple(
      fc.nat(20),
      fc.constantFrom<Outcome>(
        'SERVER_ERROR',
        'SERVER_ERROR',
        'NETWORK',
        'AUTHENTICATION',
        'BAD_REQUEST',
        'success',
        'abandon',
      ),
    )
    .map(([pick, outcome]) => end(pick, outcome)),
  fc.constantFrom(1, 50, 100, 400, 1_001).map((ms) => wait(ms)),
];

test('whatever happens in whatever order, calls are let through by the rules', () => {
  const unknown = (): Known => ({ failures: 0, level: 0, until: undefined, era: 0, trial: undefined });
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 120, size: 'max' }), (sequence) => {
      const clock = { now: 10_000 };
      fc.modelRun(
        () => ({
          model: { known: { p: unknown(), 'p a': unknown(), 'p b': unknown() }, calls: [], begun: 0 },
          real: { coolDown: createCoolDown({ ...POLICY, clock: () => clock.now }), clock, calls: [] },
        }),
        sequence,
      );
    }),
    { numRuns: 300 },
  );
});
