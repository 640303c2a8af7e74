import { beforeAll, test, vi } from 'vitest';
import { declinePushes, slowPushes } from '../stories/pushes.ts';
import { type Stage, setStage } from '../stories/stage.ts';
import { drawn } from './drawn.ts';
import { expectOnePromotion, expectOneRollback, settled } from './invariants.ts';
import { lastBuild } from './last-build.ts';
import { acceptsWhenAsked, again } from './people.ts';

/** What a promotion may be doing when the bot is upgraded: the old build brings it there, this one goes on. */
interface State {
  readonly name: string;
  /** Resolves when it is there; what is returned is done while no bot runs. */
  reach(stage: Stage): Promise<(() => unknown) | undefined>;
  /** What people still have to do. */
  rest?(stage: Stage): Promise<void>;
  readonly end?: 'rolled back';
}

const approves = (stage: Stage) => stage.press('grace', 'approve');
const slow = async (stage: Stage, moment: 'pre-receive' | 'post-receive', ref: string) => {
  const { reached, off } = await slowPushes(stage, moment, ref, 2);
  return { off, reached };
};

const STATES: readonly State[] = [
  {
    name: 'looking at the gates',
    reach: async ({ workspace, shop, cardShows }) => {
      shop.control.set({ mode: 'slow', slowMs: 1_500 });
      await workspace.as('ada').command('/ship-prod shop');
      await cardShows(/Checking the gates/);
      return () => shop.control.set({ mode: 'healthy' });
    },
    rest: async (stage) => {
      await stage.cardWith('approve');
      await approves(stage);
    },
  },
  {
    name: 'blocked by a gate',
    reach: async ({ workspace, remote, cardShows }) => {
      await remote.setState({ staging: 'pending' });
      await workspace.as('ada').command('/ship-prod shop');
      await cardShows(/What to do/);
      return () => remote.setState({ staging: 'approved' });
    },
    rest: async (stage) => {
      await stage.press('ada', 'recheck').catch(() => undefined);
      await stage.cardWith('approve');
      await approves(stage);
    },
  },
  {
    name: 'waiting for approval',
    reach: async (stage) => void (await stage.asks()),
    rest: approves,
  },
  {
    name: 'releasing',
    reach: async (stage) => {
      await stage.asks();
      const { reached, off } = await slow(stage, 'pre-receive', 'refs/heads/main');
      await approves(stage);
      await reached();
      return off;
    },
  },
  {
    name: 'deploying',
    reach: async (stage) => {
      await stage.asks();
      const { reached, off } = await slow(stage, 'post-receive', 'refs/heads/production');
      await approves(stage);
      await reached();
      return off;
    },
  },
  {
    name: 'with a deploy that failed',
    reach: async (stage) => {
      await stage.asks();
      const off = await declinePushes(stage, 'refs/heads/production', 'not today');
      await approves(stage);
      await stage.cardWith('retry_deploy');
      return off;
    },
    rest: (stage) => stage.press('linus', 'retry_deploy'),
  },
  {
    name: 'proving health',
    reach: async (stage) => {
      await stage.asks();
      await approves(stage);
      stage.shop.control.set({ mode: 'slow', slowMs: 1_500 });
      await stage.cardShows(/Checking that production is healthy/);
      return () => stage.shop.control.set({ mode: 'healthy' });
    },
  },
  {
    name: 'watching',
    reach: async (stage) => {
      await stage.asks();
      await approves(stage);
      await stage.cardShows(/Watching production/);
      return undefined;
    },
  },
  {
    name: 'on hold',
    reach: async (stage) => {
      await stage.asks();
      await approves(stage);
      await stage.cardWith('hold');
      await stage.press('linus', 'hold');
      await stage.cardWith('release_hold');
      return undefined;
    },
    rest: (stage) => stage.press('linus', 'release_hold'),
  },
  {
    name: 'rolling back',
    reach: async (stage) => {
      await stage.asks();
      await approves(stage);
      await stage.cardShows(/Watching production/);
      const { reached, off } = await slow(stage, 'post-receive', 'refs/heads/production');
      await stage.press('linus', 'rollback');
      await reached();
      return off;
    },
    end: 'rolled back',
  },
];

let before: Awaited<ReturnType<typeof lastBuild>>;

beforeAll(async () => {
  before = await lastBuild();
}, 120_000);

/** A stage whose bot is the old build, until `upgrade` is called. */
async function oldStage() {
  let old = true;
  const stage = await setStage({
    emptyDatabase: true,
    overrides: { metrics: { rate: 50 } },
    cli: () => (old ? before.cli : 'dist/src/cli.js'),
  });
  await stage.git('config', 'core.logAllRefUpdates', 'always');
  return {
    stage,
    next: () => {
      old = false;
    },
  };
}

async function expectEnd(stage: Stage, { end }: State): Promise<void> {
  let isOver = false;
  const people = again(
    () => acceptsWhenAsked(stage),
    () => isOver,
    500,
  );
  await stage.cardShows(end === 'rolled back' ? /Rolled back/ : /Shipped/, 90_000).finally(() => {
    isOver = true;
  });
  await people;
  await settled(stage);
  await (end === 'rolled back' ? expectOneRollback(stage) : expectOnePromotion(stage));
  await stage.expectNothingAmiss();
}

/** Some of them; all with `--whole`. */
test.each(drawn(STATES, 2))('upgraded while $name', async (state) => {
  const { stage, next } = await oldStage();
  try {
    const meanwhile = await state.reach(stage);
    next();
    await stage.crash(meanwhile);
    await state.rest?.(stage);
    await expectEnd(stage, state);
  } finally {
    await stage.end();
  }
});

test('rolling: the new build starts beside the old one, which then leaves', async () => {
  const { stage, next } = await oldStage();
  try {
    await stage.asks();
    next();
    const replica = stage.startReplica();
    const both = () => stage.workspace.control.connections() === 2;
    await vi.waitUntil(both, { interval: 20, timeout: 20_000 });
    await stage.bot.stop();
    await approves(stage);
    await expectEnd(stage, { name: 'rolling', reach: async () => undefined });
    await replica.stop();
  } finally {
    await stage.end();
  }
});
