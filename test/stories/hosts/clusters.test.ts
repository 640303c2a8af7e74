import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakePlatform, TOKEN } from '../../../demo/platform/fake-platform.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { GitRemote } from '../../fakes/git-remote.ts';
import { FakeArgo } from '../../fakes/platforms/argo.ts';
import { FakeArgoRollouts } from '../../fakes/platforms/argo-rollouts.ts';
import { AWS_KEY, FakeEcs } from '../../fakes/platforms/ecs.ts';
import { FakeEcsCanary, RULE } from '../../fakes/platforms/ecs-canary.ts';
import { FakeKubernetes } from '../../fakes/platforms/kubernetes.ts';
import { sampled } from '../../support/whole.ts';
import { expectNoLeak, spellings } from '../leaks.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';
import { canaryBy, cloudRunService, ecsService } from './cloud-services.ts';

/** What runs the shop; it serves the release that its image names. */
interface Runner {
  readonly fake: FakePlatform;
  readonly target: Readonly<Record<string, unknown>>;
  /** What is secret there, and the variables that have it. */
  readonly secret: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets the tag of what is live from now on. */
  follow(serve: (tag: string) => Promise<void>): void;
  failNext(): RegExp;
  /** Orders that were carried out, by tag. */
  orders(): readonly string[];
  close(): Promise<void>;
}

const tagIn = (text: string) => /:?(v\d+\.\d+\.\d+)\b/.exec(text)?.[1] ?? '';

async function kubernetes(): Promise<Runner> {
  const fake = await new FakeKubernetes().start();
  fake.add('shop', 'ghcr.io/acme/shop:v1.2.0');
  return {
    fake,
    target: {
      use: 'kubernetes',
      cluster: { api: fake.url, token: { env: 'CLUSTER_TOKEN' } },
      namespace: 'shop',
      workloads: [{ name: 'shop', containers: ['web'] }],
      image: 'ghcr.io/acme/shop:{tag}',
    },
    secret: TOKEN,
    env: { CLUSTER_TOKEN: TOKEN },
    follow: (serve) => {
      fake.commitOf = tagIn;
      fake.onLive = serve;
    },
    failNext: () => {
      fake.nextRollout = { waiting: 'InvalidImageName', message: `no such image, ${TOKEN}` };
      return /The rollout failed: deployment shop made no progress|InvalidImageName/;
    },
    orders: () => fake.acts.map(tagIn),
    close: () => fake.close(),
  };
}

async function argoRollouts(): Promise<Runner> {
  const fake = await new FakeArgoRollouts().start();
  fake.has('ghcr.io/acme/shop:v1.2.0');
  fake.steps = [{ setWeight: 50 }, { pause: { duration: '1s' } }];
  return {
    fake,
    target: {
      use: 'argo-rollouts',
      cluster: { api: fake.url, token: { env: 'CLUSTER_TOKEN' } },
      namespace: 'shop',
      rollout: 'shop',
      containers: ['web'],
      image: 'ghcr.io/acme/shop:{tag}',
    },
    secret: TOKEN,
    env: { CLUSTER_TOKEN: TOKEN },
    follow: (serve) => {
      fake.onLive = (image) => serve(tagIn(image));
    },
    failNext: () => {
      fake.nextFailure = { aborts: true, message: `the analysis failed, ${TOKEN}`, times: 1 };
      return /The rollout failed: rollout shop was aborted, .*the analysis failed/;
    },
    orders: () => fake.acts.map(tagIn),
    close: () => fake.close(),
  };
}

async function gitops(): Promise<Runner> {
  const deploy = new GitRemote();
  deploy.push('main', 'chore: begin', { 'values.yaml': 'image:\n  tag: v1.2.0 # by Slipway\n' });
  const fake = await new FakeArgo(() => deploy.tip('main') ?? '').start();
  return {
    fake,
    target: {
      use: 'gitops',
      repository: { use: 'git', url: deploy.path },
      file: 'values.yaml',
      value: 'image.tag',
      argo: { url: fake.url, token: { env: 'CLUSTER_TOKEN' }, application: 'shop' },
    },
    secret: TOKEN,
    env: { CLUSTER_TOKEN: TOKEN },
    follow: (serve) => {
      fake.onLive = (revision) => serve(tagIn(deploy.git('show', `${revision}:values.yaml`)));
    },
    failNext: () => {
      fake.nextSync = 'Failed';
      return /the sync failed: one or more objects failed to apply; Service shop: port is taken/;
    },
    orders: () => deploy.git('log', '--reverse', '--format=%s', 'main').split('\n').slice(1).map(tagIn),
    close: async () => {
      await fake.close();
      deploy.remove();
    },
  };
}

async function cloudRun(): Promise<Runner> {
  const { fake, target, env } = await cloudRunService();
  return {
    fake,
    target,
    secret: TOKEN,
    env,
    follow: (serve) => {
      fake.onLive = (image) => serve(tagIn(image));
    },
    failNext: () => {
      fake.nextFailure = `The user-provided container failed to start with ${TOKEN}.`;
      return /shop-1-3-0-\w+ did not become ready: The user-provided container failed to start/;
    },
    orders: () => fake.acts.map(tagIn),
    close: () => fake.close(),
  };
}

async function ecs(fake: FakeEcs, more?: (url: string) => object): Promise<Runner> {
  const { target, env } = await ecsService(fake, more);
  return {
    fake,
    target,
    secret: AWS_KEY.secretAccessKey,
    env,
    follow: (serve) => {
      fake.onLive = (live) => serve(tagIn(live));
    },
    failNext: () => {
      fake.shop.nextFailure = {
        stopped: 'OutOfMemoryError',
        breaker: 'goes back',
        log: [AWS_KEY.secretAccessKey],
      };
      return /The deployment of shop:\d+ failed: it was taken back: .*rolling back to deployment.*OutOfMemoryError/;
    },
    orders: () => fake.acts.map(tagIn),
    close: () => fake.close(),
  };
}

const RUNNERS: Readonly<Record<string, () => Promise<Runner>>> = {
  kubernetes,
  argoRollouts,
  gitops,
  cloudRun,
  ecs: () => ecs(new FakeEcs()),
  ecsWithCanary: () => ecs(new FakeEcsCanary(), canaryBy(RULE)),
};

/** One of them, and each where nothing is drawn. */
const isDrawn = process.env['SLIPWAY_WHOLE'] !== '1' || process.env['SLIPWAY_FILES'] !== undefined;
const kinds = sampled(Object.keys(RUNNERS), () => ['a runner'], !isDrawn);

describe.each(kinds)('on plain git, deployed by %s', (kind) => {
  let runner: Runner;
  let stage: Stage;
  let bad = '';

  beforeAll(async () => {
    const make = RUNNERS[kind];
    if (!make) throw new Error(`there is no ${kind}`);
    runner = await make();
    stage = await setStage({
      target: runner.target,
      env: { ...runner.env, LOG_LEVEL: 'trace' },
      overrides: { rollback: { automatic: 'critical' }, health: { timeout: '2s' } },
    });
    runner.follow(async (tag) => {
      stage.shop.control.set({ mode: tag === bad ? 'down' : 'healthy' });
      await stage.git('update-ref', 'refs/heads/production', `${tag}^{commit}`);
      await stage.shop.control.refresh();
    });
  });
  afterAll(async () => {
    await stage?.end();
    await runner?.close();
  });

  test('stories 1 and 5: a deploy fails, the bot is killed, Retry ships the same release', async () => {
    const reason = runner.failNext();
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardWith('retry_deploy', 60_000);
    expect(textOf(await stage.threadSays(/The deploy failed/))).toMatch(reason);
    expect(stage.shop.control.state().live?.version).toBe('1.2.0');
    await stage.crash();
    await stage.press('linus', 'retry_deploy');
    await stage.cardShows(/Shipped/, 60_000);
    expect(stage.shop.control.state().live?.version).toBe('1.3.0');
    const facts = await releaseFacts(stage);
    expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag', fsck: '' });
    expect(facts.production).toBe(facts.tagged);
    expect(runner.orders().every((tag) => tag === 'v1.3.0')).toBe(true);
  });

  test('story 6: health fails: rolled back to the release before', async () => {
    bad = 'v1.3.1';
    const commit = await stage.remote.commit({
      message: 'fix(cart): half a cent\n',
      files: { 'src/cent.js': 'export const cent = 0.5;\n' },
    });
    await stage.remote.setState({ stagingCommit: commit });
    const before = runner.orders().length;
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardShows(/Rolled back/, 60_000);
    await stage.threadSays(/v1\.3\.0 is live again/);
    expect(runner.orders().slice(before)).toEqual(['v1.3.1', 'v1.3.0']);
    expect(stage.shop.control.state().live?.version).toBe('1.3.0');
    const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.1.md');
    expect(incident).toContain('health checks failed');
    expect(runner.fake.violations).toEqual([]);
    await stage.expectNothingAmiss();
  });

  test('its secret is nowhere, though it repeated it', async () => {
    await expectNoLeak(stage, { 'the secret of the cluster': spellings(runner.secret) });
    expect(await readFile(stage.logFile, 'utf8')).not.toContain(runner.secret);
  });
});
