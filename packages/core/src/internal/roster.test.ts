import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Roster } from './roster.js';

describe('Roster', () => {
  it('has whoever came and did not leave, in whatever order they do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 20 }))), (steps) => {
        const roster = new Roster<number>();
        const present: { item: number; leave: () => void }[] = [];
        for (const [comes, number] of steps) {
          if (comes) present.push({ item: number, leave: roster.add(number) });
          else for (const { leave } of present.splice(number, 1)) leave();
          expect(roster.items().toSorted()).toEqual(present.map(({ item }) => item).toSorted());
        }
      }),
    );
  });

  it('lets nobody else go when one leaves twice', () => {
    const roster = new Roster<string>();
    const leave = roster.add('first');
    roster.add('second');
    leave();
    leave();
    expect(roster.items()).toEqual(['second']);
  });
});
