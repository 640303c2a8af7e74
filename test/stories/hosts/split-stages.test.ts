import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakePlatform } from '../../../demo/platform/fake-platform.ts';
import { FakeEcsCanary, RULE } from '../../fakes/platforms/ecs-canary.ts';
import { type Stage, setStage } from '../stage.ts';
import { canaryBy, cloudRunService, ecsService } from './cloud-services.ts';

/** A platform that gives a release a share of the requests; the shop shows what most of them get. */
interface Splitter {
  readonly fake: FakePlatform & { onLive: (image: string) => Promise<void> | void };
  readonly target: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** Percent of the requests of each release that has some, the newest first. */
  shares(): readonly number[];
  /** What was done to ship the first release, to go back from 5 % of the second, and from those of the third. */
  readonly acts: readonly [readonly string[], readonly string[], readonly string[]];
  done(): readonly string[];
}

async function cloudRun(): Promise<Splitter> {
  const { image, fake, target, env } = await cloudRunService();
  return {
    fake,
    target,
    env,
    shares: () => Object.values(fake.shares),
    acts: [
      ['v1.3.0 5%', 'v1.3.0 100%'],
      ['v1.3.1 5%', 'v1.3.0 100%'],
      ['v1.3.2 5%', 'v1.3.0 100%'],
    ],
    done: () => fake.acts.map((act) => act.replace(`${image}:`, '')),
  };
}

async function ecs(): Promise<Splitter> {
  const { image, fake, target, env } = await ecsService(new FakeEcsCanary(), canaryBy(RULE));
  return {
    fake,
    target,
    env,
    shares: () => [fake.share, 100 - fake.share].filter((share) => share > 0),
    acts: [
      ['canary v1.3.0', '5 %', 'v1.3.0', '0 %'],
      ['canary v1.3.1', '5 %', '0 %', 'canary v1.3.0'],
      ['canary v1.3.2', '5 %', '0 %', 'canary v1.3.0'],
    ],
    done: () => fake.acts.map((act) => act.replace(`${image}:`, '')),
  };
}

describe.each([
  ['Cloud Run', cloudRun],
  ['ECS', ecs],
])(
  'in stages on %s',
  (_name, make) => {
    let on: Splitter;
    let stage: Stage;

    beforeAll(async () => {
      on = await make();
      stage = await setStage({
        window: '3s',
        target: on.target,
        env: on.env,
        overrides: {
          stages: ['5%', '100%'],
          monitor: { stage: '60s' },
          rollback: { automatic: 'critical' },
        },
      });
      on.fake.onLive = async (image) => {
        const tag = image.slice(image.lastIndexOf(':') + 1);
        await stage.git('update-ref', 'refs/heads/production', `${tag}^{commit}`);
        await stage.shop.control.refresh();
      };
    });
    afterAll(async () => {
      await stage?.end();
      await on?.fake.close();
    });

    async function begin(change?: string): Promise<void> {
      if (change !== undefined) {
        const files = { [`src/${change}.js`]: `export const ${change} = 0.5;\n` };
        const commit = await stage.remote.commit({ message: `fix(cart): ${change}\n`, files });
        await stage.remote.setState({ stagingCommit: commit });
      }
      await stage.asks();
      await stage.press('grace', 'approve');
      await stage.cardShows(/Watching 5 % of the requests/, 60_000);
      expect(on.shares()).toEqual([5, 95]);
    }
    const hold = async () => {
      await stage.press('linus', 'hold');
      await stage.cardShows(/100 % comes when someone releases the hold/, 60_000);
    };

    test('a release gets 5 %, is held, and gets all, though the bot is killed', async () => {
      await begin();
      await hold();
      await stage.crash();
      await stage.press('linus', 'accept');
      await stage.cardShows(/Shipped/, 60_000);
      expect(on.shares()).toEqual([100]);
      expect(on.done()).toEqual(on.acts[0]);
    });

    test('a person goes back', async () => {
      await begin('cent');
      await hold();
      await stage.press('linus', 'rollback');
      await stage.cardShows(/Rolled back/, 60_000);
      expect(on.shares()).toEqual([100]);
      expect(on.done().slice(on.acts[0].length)).toEqual(on.acts[1]);
    });

    test('an alarm goes back to none', async () => {
      const { workspace } = stage;
      await stage.press('linus', 'unlock');
      await workspace.as('linus').submit(await workspace.waitForView('linus'), { reason: 'Mended.' });
      await stage.told('linus', /unlocked/i);
      await stage.customers(60);
      await begin('euro');
      stage.shop.control.set({ mode: 'failing', errorRate: 0.97 });
      await stage.threadSays(/Rolling shop back to v1\.3\.0, started by Slipway itself/, 60_000);
      // What failed were the requests of the new release.
      stage.shop.control.set({ mode: 'healthy' });
      await stage.cardShows(/Rolled back/, 60_000);
      expect(on.shares()).toEqual([100]);
      expect(on.done().slice(on.acts.slice(0, 2).flat().length)).toEqual(on.acts[2]);
      expect(on.fake.violations).toEqual([]);
      await stage.expectNothingAmiss();
    });
  },
  240_000,
);
