import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPassed, type GateResult } from '../../../src/domain/gates/gate.ts';
import { holdups, type Override, reminderDue, withOverrides } from '../../../src/domain/policy/override.ts';

function gate(verdict: GateResult['verdict'], barriers?: readonly string[]): GateResult {
  return { id: 'g', title: 'G', verdict, reason: '', ...(barriers ? { barriers } : {}) };
}

function override(...barriers: string[]): Override {
  return { id: 'o', by: 'U1', reason: 'fire', at: 0, due: 1, barriers, over: [] };
}

describe('an override', () => {
  it('covers a gate only when it covers every barrier of it', () => {
    const locked = gate('failed', ['lock:*', 'lock:shop']);
    expect(withOverrides(locked, [override('lock:shop')]).verdict).toBe('failed');
    expect(withOverrides(locked, [override('lock:shop'), override('lock:*')]).verdict).toBe('overridden');
    expect(withOverrides(locked, [override('lock:shop', 'lock:*', 'else')]).verdict).toBe('overridden');
  });

  it('leaves alone what passes and what is not behind glass', () => {
    expect(withOverrides(gate('passed', ['x']), [override('x')]).verdict).toBe('passed');
    expect(withOverrides(gate('failed'), [override('x')]).verdict).toBe('failed');
    expect(withOverrides(gate('failed', []), [override()]).verdict).toBe('failed');
  });

  it('never lets anything go on that it does not name', () => {
    const keys = fc.subarray(['a', 'b', 'c', 'd']);
    const verdict = fc.constantFrom('passed', 'failed', 'pending', 'unknown' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(verdict, keys), { minLength: 1 }), keys, (gates, covered) => {
        const seen = gates.map(([one, barriers]) =>
          withOverrides(gate(one, barriers), [override(...covered)]),
        );
        const mayGoOn = gates.every(
          ([one, barriers]) =>
            one === 'passed' || (barriers.length > 0 && barriers.every((key) => covered.includes(key))),
        );
        expect(allPassed(seen)).toBe(mayGoOn);
      }),
    );
  });

  it('is offered when nothing else holds the promotion up', () => {
    const { breakable, firm } = holdups([
      gate('passed'),
      gate('overridden', ['a']),
      gate('failed', ['b']),
      gate('unknown'),
      gate('failed', []),
    ]);
    expect(breakable.map(({ barriers }) => barriers)).toEqual([['b']]);
    expect(firm.map(({ verdict }) => verdict)).toEqual(['unknown', 'failed']);
  });
});

describe('reminders of a debt', () => {
  const HOUR = 3_600_000;
  const debt = { at: 0, due: 24 * HOUR };
  it.each([
    ['at once', 0, 0],
    ['before half of the time', 12 * HOUR - 1, 0],
    ['at half of the time', 12 * HOUR, 1],
    ['before the end', 24 * HOUR - 1, 1],
    ['at the end', 24 * HOUR, 2],
    ['half the time later', 36 * HOUR, 3],
    ['after three days', 72 * HOUR, 6],
  ])('%s', (_when, now, expected) => {
    expect(reminderDue(debt, now)).toBe(expected);
  });

  it('of a short debt do not become a flood', () => {
    const short = { at: 0, due: 60_000 };
    expect(reminderDue(short, 60_000)).toBe(2);
    expect(reminderDue(short, HOUR)).toBe(2);
    expect(reminderDue(short, 60_000 + 4 * HOUR)).toBe(3);
  });
});
