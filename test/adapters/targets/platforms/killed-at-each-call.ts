import { describe, expect, test } from 'vitest';
import type { FakePlatform } from '../../../../demo/platform/fake-platform.ts';
import type { DeployOrder } from '../../../../src/adapters/targets/port.ts';
import { carryOut, type FaultyWorld, failureOf } from './platform-world.ts';

type Killable = Pick<
  FaultyWorld,
  'target' | 'another' | 'first' | 'second' | 'acts' | 'violations' | 'remove'
> & { readonly fake: FakePlatform };

/** More calls than any order takes. */
const MOST_CALLS = 60;

/**
 * The process dies at each call of an order in turn, before the platform hears of it or before it hears of the platform;
 * another process carries the same order out: once, whatever the first one had done.
 */
export function killedAtEachCall(name: string, make: () => Promise<Killable>): void {
  describe(`${name}: killed at each call`, () => {
    test.each([
      ['deploy', 'before'],
      ['deploy', 'after'],
      ['rollback', 'before'],
      ['rollback', 'after'],
    ] as const)('of a %s, %s it was answered', async (kind, when) => {
      const world = await make();
      const order = async (from: 'first' | 'second'): Promise<DeployOrder> => ({
        kind,
        service: 'shop',
        release: from === 'first' ? world.second : world.first,
        from: await world.target.live(),
      });
      await carryOut(
        world.target,
        { kind: 'deploy', service: 'shop', release: world.first, from: null },
        'p',
      );
      const start = { ...(await order('first')), kind: 'deploy' as const };
      await carryOut(world.target, start, 'q');
      let calls = 0;
      for (let isWhole = false; !isWhole; calls++) {
        expect(calls).toBeLessThan(MOST_CALLS);
        const wanted = await order(calls % 2 === 0 ? 'second' : 'first');
        const before = world.acts().length;
        world.fake.breakAt(calls, when);
        const died = await failureOf(carryOut(world.another(), wanted, `k${calls}`));
        isWhole = died === null;
        world.fake.calm();
        expect(await carryOut(world.another(), wanted, `k${calls}`)).toMatchObject({ kind: 'succeeded' });
        expect(world.acts().slice(before)).toHaveLength(1);
        expect(await world.another().live()).toMatchObject({ commit: wanted.release.commit });
      }
      // To look, to act and to see how it went.
      expect(calls).toBeGreaterThan(4);
      expect(world.violations()).toEqual([]);
      await world.remove();
    });
  });
}
