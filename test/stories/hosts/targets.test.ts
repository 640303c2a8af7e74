import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakePlatform, TOKEN } from '../../../demo/platform/fake-platform.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { FakeHeroku } from '../../fakes/platforms/heroku.ts';
import { FakeNetlify } from '../../fakes/platforms/netlify.ts';
import { FakeReceiver } from '../../fakes/platforms/receiver.ts';
import { FakeVercel } from '../../fakes/platforms/vercel.ts';
import { sampled } from '../../support/whole.ts';
import { expectNoLeak, spellings } from '../leaks.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

/** A platform with a shop on it: what it serves, the production branch of the sample follows. */
interface Platform {
  readonly fake: FakePlatform & { onLive: (sha: string) => Promise<void> | void; readonly acts: string[] };
  readonly target: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** What the platform repeats in its answers, and nobody else must. */
  readonly secret: string;
  /** Builds a commit as the platform would after a push, ready to be promoted. */
  build(sha: string): Promise<unknown> | unknown;
  /** That commit is what production serves. */
  serve(sha: string): Promise<unknown>;
  /** What the platform does not undo in a rollback. */
  readonly notUndone: readonly string[];
  /** The next deployment fails on the platform, with these words. */
  failNext(): RegExp;
}

const PLATFORMS: Readonly<Record<string, () => Promise<Platform>>> = {
  vercel: async () => {
    const fake = await new FakeVercel().start();
    const token = { env: 'VERCEL_TOKEN' };
    return {
      fake,
      target: { use: 'vercel', project: 'shop', team: 'acme', domain: fake.domain, token, api: fake.url },
      env: { VERCEL_TOKEN: TOKEN },
      secret: TOKEN,
      notUndone: ['environment variables', 'cron jobs'],
      build: (sha) => fake.add(sha),
      serve: (sha) => fake.serve(fake.add(sha)),
      failNext: () => {
        fake.nextJob = 'failed';
        return /Vercel could not point all production domains/;
      },
    };
  },
  netlify: async () => {
    const fake = await new FakeNetlify().start();
    const token = { env: 'NETLIFY_TOKEN' };
    return {
      fake,
      target: { use: 'netlify', site: 'shop.netlify.app', token, api: `${fake.url}/api/v1` },
      env: { NETLIFY_TOKEN: TOKEN },
      secret: TOKEN,
      notUndone: ['environment variables', 'forms and blobs'],
      build: (sha) => fake.add(sha),
      serve: (sha) => fake.serve(fake.add(sha)),
      failNext: () => {
        fake.inject({ status: 422, message: `Out of credits, ${TOKEN}` });
        return /Netlify refused to publish.*Out of credits/;
      },
    };
  },
  heroku: async () => {
    const fake = await new FakeHeroku().start();
    const token = { env: 'HEROKU_TOKEN' };
    return {
      fake,
      target: { use: 'heroku', app: 'shop-production', staging: 'shop-staging', token, api: fake.url },
      env: { HEROKU_TOKEN: TOKEN },
      secret: TOKEN,
      notUndone: ['add-ons and their data', 'the release phase'],
      build: (sha) => fake.add('shop-staging', sha),
      serve: (sha) => fake.add('shop-production', sha),
      failNext: () => {
        fake.nextPhase = `PG::UndefinedColumn: no such column ${TOKEN}`;
        return /The release phase of v2 of shop-production failed/;
      },
    };
  },
  webhook: async () => {
    const fake = await new FakeReceiver().start();
    const addresses = { url: `${fake.url}/orders`, live: `${fake.url}/live`, check: `${fake.url}/check` };
    return {
      fake,
      target: {
        use: 'webhook',
        ...addresses,
        promotes: true,
        'not-undone': ['the cache of the CDN'],
        secret: { env: 'WEBHOOK_SECRET' },
      },
      env: { WEBHOOK_SECRET: fake.secret },
      secret: fake.secret,
      notUndone: ['the cache of the CDN'],
      build: (sha) => fake.known.add(sha),
      serve: async (sha) => {
        fake.known.add(sha);
        fake.live = { commit: sha };
      },
      failNext: () => {
        fake.nextFailure = `no space left on the node, ${fake.secret}`;
        return /no space left on the node/;
      },
    };
  },
};

/** One of them, or in CI each. */
const kinds = sampled(Object.keys(PLATFORMS), () => ['a platform']);

describe.each(kinds)('on GitHub, with %s as the target', (kind) => {
  let platform: Platform;
  let stage: Stage;
  /** The commit that misbehaves while it is live. */
  let bad = '';

  beforeAll(async () => {
    const make = PLATFORMS[kind];
    if (!make) throw new Error(`there is no ${kind}`);
    platform = await make();
    stage = await setStage({
      github: { login: 'app', repository: { environment: `on ${kind}` } },
      target: platform.target,
      env: { ...platform.env, LOG_LEVEL: 'trace' },
      overrides: (shop) => ({
        rollback: { automatic: 'critical' },
        health: { timeout: '2s' },
        // What is promoted was built before its version was chosen: its commit proves it.
        checks: [
          { use: 'http', url: `${shop}/health` },
          { use: 'version', url: `${shop}/api/version`, json: 'commit' },
        ],
      }),
    });
    platform.fake.onLive = async (sha) => {
      stage.shop.control.set({ mode: sha === bad ? 'down' : 'healthy' });
      await stage.git('update-ref', 'refs/heads/production', sha);
      await stage.shop.control.refresh();
    };
    await platform.serve(await stage.git('rev-parse', 'v1.2.0^{commit}'));
    await platform.build(stage.remote.validated);
  });
  afterAll(async () => {
    await stage.end();
    await platform.fake.close();
  });

  test('stories 1 and 5: a deploy fails, Retry ships what was validated on staging, built once', async () => {
    const reason = platform.failNext();
    const echo = `I do not like Bearer ${platform.secret}`;
    platform.fake.inject({ status: 503, message: echo }, { method: 'GET' });
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardWith('retry_deploy');
    expect(textOf(await stage.threadSays(/The deploy failed/))).toMatch(reason);
    expect(stage.shop.control.state().live?.version).toBe('1.2.0');

    await stage.press('linus', 'retry_deploy');
    await stage.cardShows(/Shipped/);
    const facts = await releaseFacts(stage);
    expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag', fsck: '' });
    expect(facts.production).toBe(stage.remote.validated);
    expect(await stage.git('show', '-s', '--format=%B', 'v1.3.0^{commit}')).toContain(
      `Slipway-Build: ${stage.remote.validated}`,
    );
  });

  test('story 6: health fails: rolled back to the build of the release before', async () => {
    bad = await stage.remote.commit({
      message: 'fix(cart): half a cent\n',
      files: { 'src/cent.js': 'export const cent = 0.5;\n' },
    });
    stage.github?.setCheck(bad, 'build', 'success');
    await platform.build(bad);
    await stage.remote.setState({ stagingCommit: bad });
    const acts = platform.fake.acts.length;
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardShows(/Rolled back/, 60_000);
    const said = textOf(await stage.threadSays(/v1\.3\.0 is live again/));
    const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.1.md');
    for (const one of ['database migrations', ...platform.notUndone]) {
      expect(said).toContain(one);
      expect(incident).toContain(one);
    }
    expect(await stage.git('rev-parse', 'production')).toBe(stage.remote.validated);
    expect(platform.fake.acts.slice(acts)).toHaveLength(2);
    expect(platform.fake.violations).toEqual([]);
    expect(stage.github?.violations).toEqual([]);
    const shown = stage.github?.state.deployments.map(({ task, environment }) => `${task} ${environment}`);
    expect(shown?.slice(-2)).toEqual([`deploy on ${kind}`, `deploy:rollback on ${kind}`]);
    expect(stage.workspace.control.violations()).toEqual([]);
    expect(await stage.git('fsck', '--strict')).toBe('');
  });

  test('its secret is nowhere, though it repeated it in answers and logs', async () => {
    await expectNoLeak(stage, {
      'the secret of the platform': spellings(platform.secret),
      'a token of GitHub': stage.github?.access.secrets.flatMap(spellings) ?? [],
    });
  });
});
