import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../../src/adapters/targets/port.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import type { Live, Release } from '../../src/domain/release/release.ts';

/** A production with two releases that can be deployed to it; nothing is live yet. */
export interface TargetWorld {
  readonly target: Target;
  /** A target that knows nothing of what the first one did: another process, another machine. */
  another(): Target;
  readonly first: Release;
  /** Made after `first`. */
  readonly second: Release;
  /** Names a commit that nobody has. */
  readonly unknown: Release;
  /** How many deployments really happened; absent where that cannot be counted. */
  deployments?(): number;
  /** The next deployment happens, but its answer is lost; absent where that cannot be arranged. */
  loseNextAnswer?(): void;
  /** Somebody else deploys something that is no release of ours; absent where nobody else can. */
  intrude?(): Promise<void>;
  remove(): Promise<void>;
}

export interface TargetDescriptor {
  readonly name: string;
  readonly make: () => Promise<TargetWorld>;
}

/** What every target promises. */
export function targetContract(descriptor: TargetDescriptor): void {
  describe(`${descriptor.name} keeps the contract of a target`, () => {
    let world: TargetWorld;
    let target: Target;

    beforeEach(async () => {
      world = await descriptor.make();
      target = world.target;
    });
    afterEach(async () => world.remove());

    const order = (
      release: Release,
      from: Live | null,
      kind: DeployOrder['kind'] = 'deploy',
    ): DeployOrder => ({
      kind,
      service: 'shop',
      release,
      from,
    });

    test('has a kind and a name, and answers the preflight with a sentence', async () => {
      expect(target.kind).toMatch(/^[a-z][a-z-]*$/);
      expect(target.name).not.toBe('');
      expect(await target.preflight()).toMatch(/\w.*\.$/);
    });

    test('says that nothing is live before the first deployment', async () => {
      expect(await target.live()).toBeNull();
    });

    test('deploys, and then that is live', async () => {
      const status = await deploy(target, order(world.first, null), 'p1:deploy');
      expect(status).toMatchObject({ kind: 'succeeded', deployment: { id: expect.stringMatching(/\S/) } });
      if (status.kind !== 'succeeded') return;
      expect(status.deployment.finishedAt).toBeGreaterThanOrEqual(status.deployment.startedAt);
      expect(await target.live()).toMatchObject({ commit: world.first.commit });
      expect(await world.another().live()).toMatchObject({ commit: world.first.commit });
    });

    test('a key seen before starts nothing and gives the same handle', async () => {
      const first = await target.start(order(world.first, null), 'p1:deploy');
      const again = await target.start(order(world.first, null), 'p1:deploy');
      expect(again.id).toBe(first.id);
      const elsewhere = await world.another().start(order(world.first, null), 'p1:deploy');
      expect(elsewhere.id).toBe(first.id);
      expect(await end(target, order(world.first, null), again)).toMatchObject({ kind: 'succeeded' });
      if (world.deployments) expect(world.deployments()).toBe(1);
    });

    test('another process can follow', async () => {
      const handle = await target.start(order(world.first, null), 'p1:deploy');
      const carried = JSON.parse(JSON.stringify(handle)) as DeployHandle;
      expect(await end(world.another(), order(world.first, null), carried)).toMatchObject({
        kind: 'succeeded',
      });
    });

    test('moves on to the next release, and back again', async () => {
      await deploy(target, order(world.first, null), 'p1:deploy');
      const before = await target.live();
      await deploy(target, order(world.second, before), 'p2:deploy');
      const after = await target.live();
      expect(after).toMatchObject({ commit: world.second.commit });
      expect(await target.deployable(world.first)).toMatch(/\w.*\.$/);
      const status = await deploy(target, order(world.first, after, 'rollback'), 'p2:rollback');
      expect(status).toMatchObject({ kind: 'succeeded' });
      expect(await target.live()).toMatchObject({ commit: world.first.commit });
    });

    test('a rollback to what is live is done already', async () => {
      await deploy(target, order(world.first, null), 'p1:deploy');
      const from = { commit: world.second.commit };
      expect(await deploy(target, order(world.first, from, 'rollback'), 'p2:rollback')).toMatchObject({
        kind: 'succeeded',
      });
    });

    test('says of a release whether it can be deployed', async () => {
      expect(await target.deployable(world.first)).toMatch(/\w.*\.$/);
      expect(await refusal(target.deployable(world.unknown))).toMatchObject({
        code: 'release-not-deployable',
        facts: { tag: world.unknown.tag },
      });
    });

    test('a deployment whose answer is lost is not made twice', async () => {
      if (!world.loseNextAnswer) return;
      world.loseNextAnswer();
      await target.start(order(world.first, null), 'p1:deploy').catch(() => null);
      expect(await deploy(world.another(), order(world.first, null), 'p1:deploy')).toMatchObject({
        kind: 'succeeded',
      });
      if (world.deployments) expect(world.deployments()).toBe(1);
    });

    test('never deploys over what somebody else deployed', async () => {
      if (!world.intrude) return;
      await deploy(target, order(world.first, null), 'p1:deploy');
      const before = await target.live();
      await world.intrude();
      const theirs = await target.live();
      for (const kind of ['deploy', 'rollback'] as const) {
        expect(await refusal(target.start(order(world.second, before, kind), `p2:${kind}`))).toMatchObject({
          code: 'target-diverged',
        });
      }
      expect(await target.live()).toEqual(theirs);
    });
  });
}

async function deploy(target: Target, order: DeployOrder, key: string): Promise<DeployStatus> {
  return end(target, order, await target.start(order, key));
}

async function end(target: Target, order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
  for (let round = 0; round < 600; round++) {
    const status = await target.follow(order, handle);
    if (status.kind !== 'running') return status;
    await new Promise((resolve) => setTimeout(resolve, Math.min(status.askAgainMs, 50)));
  }
  throw new Error('the deployment never ended');
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const outcome = await work.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Refusal);
  return outcome as Refusal;
}
