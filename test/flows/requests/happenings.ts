import fc from 'fast-check';

const PEOPLE = ['U_ADA', 'U_GRACE', 'U_LINUS', 'U_MARY'] as const;
const TAGS = ['v1.1.0', 'v1.2.0', 'v1.3.0', 'v1.3.1', 'v1.4.0', 'v9.9.9'] as const;
export const COMMITS = ['hidden', 'tip', 'validated', 'live', 'first'] as const;

const who = fc.constantFrom(...PEOPLE);
const tag = fc.constantFrom(...TAGS);
const times = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const only = <K extends string>(kind: K) => ({ kind: fc.constant(kind) });

/** What people, committers and administrators do to one service, in any order; each is tried, and may be refused. */
export const happening = fc.oneof(
  times(10, fc.record({ ...only('promote'), who })),
  times(2, fc.record({ ...only('start'), who })),
  times(5, fc.record({ ...only('approve'), who })),
  times(1, fc.record({ ...only('withdraw'), who })),
  times(4, fc.record({ ...only('validate'), trailer: fc.boolean() })),
  times(
    3,
    fc.record({ ...only('push'), trailer: fc.boolean(), asRelease: fc.boolean(), code: fc.boolean() }),
  ),
  times(3, fc.record({ ...only('tag'), tag, commit: fc.constantFrom(...COMMITS) })),
  times(8, fc.record({ ...only('rollback'), who, to: fc.option(tag, { nil: null }) })),
  times(2, fc.record({ ...only('adopt'), who, tag, moved: fc.boolean() })),
  times(
    1,
    fc.record({ ...only('policy'), approvals: fc.integer({ min: 1, max: 2 }), grouped: fc.boolean() }),
  ),
  times(1, fc.record({ ...only('group'), members: fc.subarray([...PEOPLE]) })),
  times(2, fc.record({ ...only('person'), who, active: fc.boolean() })),
  times(1, fc.record({ ...only('lock'), who })),
  times(1, fc.record({ ...only('unlock'), who })),
  times(1, fc.record({ ...only('break-glass'), who })),
  times(1, fc.record({ ...only('bump'), who, bump: fc.constantFrom('major' as const, 'patch' as const) })),
  times(1, fc.record(only('break-deploy'))),
  times(1, fc.record({ ...only('retry'), who })),
  times(1, fc.record({ ...only('recheck'), who })),
  times(4, fc.record({ ...only('wait'), minutes: fc.integer({ min: 1, max: 12 }) })),
);
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** A promotion as it should be: validated, asked for by one, approved by whoever may, and watched. */
export function promoting(by: (typeof PEOPLE)[number]): readonly Exclude<Happening, { kind: 'promote' }>[] {
  const approvals = PEOPLE.map((who) => ({ kind: 'approve', who }) as const);
  return [
    { kind: 'validate', trailer: false },
    { kind: 'unlock', who: by },
    { kind: 'start', who: by },
    ...approvals,
    { kind: 'wait', minutes: 12 },
  ];
}
