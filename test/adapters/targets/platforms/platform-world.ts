import { expect, test } from 'vitest';
import type { FakePlatform, Fault } from '../../../../demo/platform/fake-platform.ts';
import type {
  DeployHandle,
  DeployOrder,
  DeployStatus,
  Target,
} from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import type { TargetWorld } from '../../../contracts/target.ts';

/** `test` with a fresh `fake` of a platform for each; none may be asked for what its API does not have. */
export function testOn<Fake extends FakePlatform>(make: () => Fake) {
  return test.extend<{ readonly fake: Fake }>({
    fake: async ({ task: _task }, use) => {
      const fake = await make().start();
      await use(fake);
      await fake.close();
      expect(fake.violations).toEqual([]);
    },
  });
}

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

export async function carryOut(target: Target, order: DeployOrder, key: string): Promise<DeployStatus> {
  return end(target, order, await target.start(order, key));
}

export async function end(target: Target, order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
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

/** Back to a release, as a promotion orders it: from whatever is live then. */
export async function backTo(target: Target, release: Release): Promise<DeployOrder> {
  return { ...orderOf(release, null, 'rollback'), from: await target.live() };
}

/** What a person reads about a refusal. */
export async function sentenceOf(work: Promise<unknown> | undefined): Promise<string> {
  const error = await failureOf(work ?? Promise.resolve());
  expect(error).toBeInstanceOf(Refusal);
  const { text, hint } = explain(error as Refusal);
  return `${text} ${hint}`;
}

/** The error that the work ends with; null when it ends well. */
export async function failureOf(work: Promise<unknown> | undefined): Promise<unknown> {
  return work?.then(
    () => null,
    (error: unknown) => error,
  );
}
