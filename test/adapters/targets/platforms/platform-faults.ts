import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../../demo/platform/fake-platform.ts';
import type { DeployOrder, Target } from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { targetContract } from '../../../contracts/target.ts';
import { sampled } from '../../../support/whole.ts';
import { carryOut, end, type FaultyWorld, failureOf } from './platform-world.ts';

/**
 * What every platform promises: the contract of a target, also with each fault of its API. `retried`: statuses that are no
 * refusal, because the target looks and tries again.
 */
export function platformContract(
  name: string,
  make: () => Promise<FaultyWorld>,
  secrets: readonly string[],
  retried: readonly number[] = [],
): void {
  targetContract({ name, make });
  faultTable(name, make, secrets, retried);
}

/** The server answers late, or not at all, or says that it is not well: going on later must do it once. */
const PASSING: readonly (readonly [name: string, fault: Fault, retryAfterMs: number | null])[] = [
  ['500', { status: 500 }, null],
  ['502', { status: 502 }, null],
  ['503 with Retry-After', { status: 503, headers: { 'retry-after': '7' } }, 7_000],
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '30' } }, 30_000],
  ['429 without', { status: 429 }, null],
  ['a timeout before it acted', 'timeout-before', null],
  ['a timeout after it acted', 'timeout-after', null],
  ['a reset before it acted', 'reset-before', null],
  ['a reset after it acted', 'reset-after', null],
];

/** A person has to do something about it. */
const REFUSED: readonly (readonly [number, string])[] = [
  [401, 'platform-unauthorised'],
  [403, 'platform-forbidden'],
  [404, 'platform-not-found'],
  [409, 'platform-refused'],
  [422, 'platform-refused'],
];

const KINDS = ['deploy', 'rollback'] as const;

const ALL: readonly (readonly [string, Fault])[] = [
  ...PASSING.map(([name, fault]) => [name, fault] as const),
  ...REFUSED.map(([status]) => [String(status), { status }] as const),
];

/** What is done about every fault of every call: waited for or refused with a sentence, and one deployment. */
export function faultTable(
  name: string,
  make: () => Promise<FaultyWorld>,
  secrets: readonly string[],
  retried: readonly number[] = [],
): void {
  let world: FaultyWorld;
  beforeEach(async () => {
    world = await make();
  });
  afterEach(async () => {
    const violations = world.violations();
    await world.remove();
    expect(violations).toEqual([]);
  });

  const met = (fault: Fault) =>
    typeof fault === 'string' && fault.startsWith('timeout') ? world.impatient : world.target;

  /** The first release is live; the order is to deploy the second, or to go back to the first from there. */
  async function ordered(kind: DeployOrder['kind']): Promise<DeployOrder> {
    const { target, first, second } = world;
    await carryOut(target, { kind: 'deploy', service: 'shop', release: first, from: null }, 'p1');
    if (kind === 'rollback') {
      const from = await target.live();
      await carryOut(target, { kind: 'deploy', service: 'shop', release: second, from }, 'p2');
    }
    const release = kind === 'deploy' ? second : first;
    return { kind, service: 'shop', release, from: await target.live() };
  }

  const passing = sampled(
    KINDS.flatMap((kind) => PASSING.map((row) => [kind, ...row] as const)),
    ([kind, fault]) => [kind, fault],
  );
  const refused = sampled(
    KINDS.flatMap((kind) =>
      REFUSED.filter(([status]) => !retried.includes(status)).map((row) => [kind, ...row] as const),
    ),
    ([kind, status]) => [kind, String(status)],
  );
  describe(`${name}: met by a fault`, () => {
    test.each(passing)('a %s (%s) is done once, later', async (kind, _name, fault, retryAfterMs) => {
      const order = await ordered(kind);
      const before = world.acts().length;
      world.inject(fault);
      const error = await failureOf(met(fault).start(order, 'p3'));
      // What happened in spite of a lost answer may already have been found.
      if (error !== null || !String(fault).endsWith('-after')) expect(error).toBeInstanceOf(Unavailable);
      if (retryAfterMs !== null) expect((error as Unavailable).retryAfterMs).toBe(retryAfterMs);
      noSecret(error);
      const status = await carryOut(world.another(), order, 'p3');
      expect(status).toMatchObject({ kind: 'succeeded' });
      expect(world.acts().slice(before)).toHaveLength(1);
      expect(await world.target.live()).toMatchObject({ commit: order.release.commit });
    });

    test.each(refused)(
      'a %s (%i) is refused with a sentence, and can be tried again',
      async (kind, status, code) => {
        const order = await ordered(kind);
        const before = world.acts().length;
        world.inject({ status, message: `no, and ${secrets[0]} is the token` });
        const error = await failureOf(world.target.start(order, 'p3'));
        expect(error).toMatchObject({ code });
        noSecret(error);
        expect(explain(error as Refusal).text).not.toMatch(/^This was refused/);
        expect(world.acts().slice(before)).toEqual([]);
        expect(await world.target.live()).toMatchObject({ commit: order.from?.commit });
        expect(await carryOut(world.target, order, 'p4')).toMatchObject({ kind: 'succeeded' });
        expect(world.acts().slice(before)).toHaveLength(1);
      },
    );
  });

  describe(`${name}: looking, met by`, () => {
    const looks: readonly (readonly [string, (target: Target) => Promise<unknown>])[] = [
      ['preflight', (target) => target.preflight()],
      ['live', (target) => target.live()],
      ['deployable', (target) => target.deployable(world.first)],
    ];
    test.each(ALL)('%s waits or is refused, and works afterwards', async (_name, fault) => {
      await ordered('deploy');
      const before = world.acts().length;
      for (const [, look] of looks) {
        world.inject(fault, { method: 'GET' });
        const error = await failureOf(look(met(fault)));
        if (error !== null) {
          expect(error instanceof Refusal || error instanceof Unavailable).toBe(true);
          noSecret(error);
        }
        await look(world.target);
      }
      expect(world.acts().slice(before)).toEqual([]);
    });

    test.each(PASSING)('%s while it follows goes on', async (_name, fault) => {
      const order = await ordered('deploy');
      const before = world.acts().length;
      const handle = await world.target.start(order, 'p3');
      world.inject(fault, { method: 'GET' });
      const error = await failureOf(met(fault).follow(order, handle));
      expect(error).toBeInstanceOf(Unavailable);
      expect(await end(world.another(), order, handle)).toMatchObject({ kind: 'succeeded' });
      expect(world.acts().slice(before)).toHaveLength(1);
    });
  });

  function noSecret(error: unknown): void {
    const said = error instanceof Refusal ? JSON.stringify([error.facts, explain(error)]) : '';
    for (const secret of secrets) expect(`${String(error)} ${said}`).not.toContain(secret);
  }
}
