import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  DeployHandle,
  DeployOrder,
  DeployStatus,
  Target,
} from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import type { TargetWorld } from '../../../contracts/target.ts';
import type { FakePlatform, Fault } from '../../../fakes/platforms/fake-platform.ts';

export interface FaultyWorld extends TargetWorld {
  /** One that waits for an answer a quarter of a second at most. */
  readonly impatient: Target;
  /** The next request of that method meets the fault. */
  inject(fault: Fault, match?: { readonly method?: string }): void;
  /** What the platform was told to do, and did. */
  acts(): readonly string[];
  /** Requests that its API does not allow. */
  violations(): readonly string[];
}

function release(version: string, digit: string): Release {
  return { version, tag: `v${version}`, commit: digit.repeat(40) };
}
export const FIRST = release('1.0.0', 'a');
export const SECOND = release('1.1.0', 'b');

/** A world around the fake of a platform on which both releases can be deployed. */
export function worldOf(
  fake: FakePlatform & { readonly acts: readonly string[] },
  open: (settings?: Record<string, unknown>) => Target,
  special: Pick<FaultyWorld, 'intrude'> & Partial<Pick<FaultyWorld, 'acts'>>,
): FaultyWorld {
  return {
    target: open(),
    impatient: open({ timeout: '250ms' }),
    another: () => open(),
    first: FIRST,
    second: SECOND,
    unknown: release('9.0.0', 'f'),
    deployments: () => fake.acts.length,
    loseNextAnswer: () => fake.inject('reset-after'),
    remove: () => fake.close(),
    inject: (fault, match) => fake.inject(fault, match),
    acts: () => fake.acts,
    violations: () => fake.violations,
    ...special,
  };
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

const ALL: readonly (readonly [string, Fault])[] = [
  ...PASSING.map(([name, fault]) => [name, fault] as const),
  ...REFUSED.map(([status]) => [String(status), { status }] as const),
];

/** What is done about every fault of every call: waited for or refused with a sentence, and one deployment. */
export function faultTable(name: string, make: () => Promise<FaultyWorld>, secrets: readonly string[]): void {
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

  describe.each(['deploy', 'rollback'] as const)(`${name}: a %s met by`, (kind) => {
    test.each(PASSING)('%s is done once, later', async (_name, fault, retryAfterMs) => {
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

    test.each(REFUSED)('%i is refused with a sentence, and can be tried again', async (status, code) => {
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
    });
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

export async function carryOut(target: Target, order: DeployOrder, key: string): Promise<DeployStatus> {
  return end(target, order, await target.start(order, key));
}

async function end(target: Target, order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
  for (let round = 0; round < 200; round++) {
    const status = await target.follow(order, handle);
    if (status.kind !== 'running') return status;
  }
  throw new Error('the deployment never ended');
}

/** From there to here; nothing was live where `from` is null. */
export function orderOf(
  release: Release,
  from: Release | null,
  kind: DeployOrder['kind'] = 'deploy',
): DeployOrder {
  return { kind, service: 'shop', release, from: from && { commit: from.commit } };
}

/** What a person reads about a refusal. */
export async function sentenceOf(work: Promise<unknown> | undefined): Promise<string> {
  const error = await failureOf(work ?? Promise.resolve());
  expect(error).toBeInstanceOf(Refusal);
  const { text, hint } = explain(error as Refusal);
  return `${text} ${hint}`;
}

/** The error that the work ends with; null when it ends well. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}
