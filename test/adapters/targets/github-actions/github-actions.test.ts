import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { GithubSettings } from '../../../../src/adapters/repositories/github/settings.ts';
import { SharedInstances } from '../../../../src/adapters/shared/shared-instances.ts';
import { openGithubActions } from '../../../../src/adapters/targets/github-actions/github-actions.ts';
import { GithubActionsSettings } from '../../../../src/adapters/targets/github-actions/settings.ts';
import type {
  DeployHandle,
  DeployOrder,
  DeployStatus,
  Target,
} from '../../../../src/adapters/targets/port.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import type { TagForm } from '../../../../src/domain/release/tag-form.ts';
import { type TargetWorld, targetContract } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

const PATH = '.github/workflows/deploy.yml';

function workflow(over: { on?: string; runName?: string } = {}): string {
  return `name: Deploy
run-name: ${over.runName ?? 'Deploy ${{ inputs.version }} (${{ inputs.slipway }})'}
on:
  workflow_dispatch:
    inputs:
      version: { required: true }
      environment: { type: choice, options: [staging, production], default: staging }
      slipway: { default: "" }
${over.on ?? ''}
jobs:
  build:
    steps:
      - uses: actions/checkout@v5
      - name: Build
        run: npm run build
  deploy:
    steps:
      - name: Push to production
        run: git push --force origin v\${{ inputs.version }}:refs/heads/production
`;
}

interface ActionsWorld extends TargetWorld {
  readonly github: Github;
  readonly remote: GitRemote;
  open(
    settings?: Readonly<Record<string, unknown>>,
    tags?: TagForm,
    now?: () => number,
    service?: string,
  ): Target;
}

async function world(kind: 'new' | 'old' | 'strict' = 'new', file = workflow()): Promise<ActionsWorld> {
  const remote = new GitRemote();
  remote.push('main', 'ci: deploy', { [PATH]: file });
  const github = await startGithub({ path: remote.path });
  github.actions.stepMs = 5;
  github.actions.old = kind === 'strict' ? 'strict' : kind === 'old';
  const folders: string[] = [];
  const env = { GITHUB_TOKEN: github.access.token() };
  const shares = new Map<() => number, SharedInstances>();
  /** What adapters share has the clock that it was opened with. */
  const sharesOf = (now: () => number) => {
    const shared = shares.get(now) ?? new SharedInstances();
    shares.set(now, shared);
    return shared;
  };
  const open = (
    settings: Readonly<Record<string, unknown>> = {},
    tags: TagForm = { tagPrefix: 'v' },
    now: () => number = Date.now,
    service = 'shop',
  ): Target => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    const repository = { repository: github.name, api: github.api, token: { env: 'GITHUB_TOKEN' } };
    return openGithubActions(
      GithubActionsSettings.parse({
        use: 'github-actions',
        workflow: 'deploy.yml',
        url: 'https://shop.test',
        ...settings,
      }),
      adapterContext({ service, dataDir, env, now, shared: sharesOf(now) }),
      GithubSettings.parse(repository),
      { branch: 'main', tags },
    );
  };
  const release = (version: string): Release => {
    const commit = remote.push('main', `chore(release): v${version}`, { VERSION: version });
    remote.tag(`v${version}`, commit);
    return { version, tag: `v${version}`, commit };
  };
  return {
    github,
    remote,
    open,
    target: open(),
    another: open,
    first: release('1.0.0'),
    second: release('1.1.0'),
    unknown: { version: '9.0.0', tag: 'v9.0.0', commit: 'deadbeef'.repeat(5) },
    deployments: () => github.actions.runs.length,
    loseNextAnswer: () => github.faults.next('POST', 'reset-after'),
    intrude: async () => {
      const found = await github.actions.workflowAt('main', PATH);
      const commit = remote.push('main', 'feat: by hand', { hand: 'made' });
      if (found) github.actions.addPast(found, { path: PATH, ref: 'main', sha: commit, inputs: {} });
    },
    remove: async () => {
      await github.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      remote.remove();
      expect(github.violations).toEqual([]);
    },
  };
}

targetContract({ name: 'github-actions', make: () => world() });
targetContract({ name: 'github-actions on a server that does not return the run', make: () => world('old') });

describe('github-actions', () => {
  let shop: ActionsWorld;
  beforeEach(async () => {
    shop = await world();
  });
  afterEach(() => shop.remove());

  const order = (release: Release, from: Release | null = null): DeployOrder => ({
    kind: 'deploy',
    service: 'shop',
    release,
    from,
  });

  test('an Enterprise Server that refuses to be asked for the run is asked without, and not again', async () => {
    const strict = await world('strict');
    try {
      for (const [release, from] of [
        [strict.first, null],
        [strict.second, strict.first],
      ] as const) {
        const handle = await strict.target.start(order(release, from), release.tag);
        expect(await end(strict.target, order(release), handle)).toMatchObject({ kind: 'succeeded' });
      }
      const asked = strict.github.requests.filter(({ operation }) => operation.endsWith('/dispatches'));
      expect(asked.map(({ status }) => status)).toEqual([422, 204, 204]);
      expect(strict.deployments?.()).toBe(2);
    } finally {
      await strict.remove?.();
    }
  });

  describe('what becomes of a run', () => {
    /** A run of ours as GitHub would have it now. */
    async function runAs(change: object, jobs: readonly object[] = []) {
      const found = await shop.github.actions.workflowAt('main', PATH);
      if (!found) throw new Error('there is no workflow');
      const { first } = shop;
      const made = shop.github.actions.addPast(found, {
        path: PATH,
        ref: first.tag,
        sha: first.commit,
        inputs: {},
      });
      Object.assign(made, change);
      for (const [index, job] of jobs.entries()) Object.assign(made.jobs[index] ?? {}, job);
      const handle = {
        id: 'x',
        startedAt: Date.now() - 90 * 60_000,
        state: { run: made.id, commit: first.commit },
      };
      return shop.target.follow(order(first), handle);
    }
    const none = { status: 'completed', conclusion: 'skipped', steps: [] };

    test('only its job that deploys was skipped: that is no deployment, and nothing is live', async () => {
      expect(await runAs({}, [{}, none])).toMatchObject({
        kind: 'failed',
        reason: 'Job “deploy” was skipped, so the run deployed nothing.',
      });
      expect(await shop.target.live()).toBeNull();
    });

    test('all of its jobs are looked at, however many there are', async () => {
      const many = Array.from({ length: 120 }, (_, nr) => ({ name: `lint ${nr}` }));
      const found = await shop.github.actions.workflowAt('main', PATH);
      if (!found) throw new Error('there is no workflow');
      const about = { path: PATH, ref: 'v1.0.0', sha: shop.first.commit, inputs: {} };
      const { id, jobs } = shop.github.actions.addPast(found, about);
      const [job] = jobs;
      if (job) jobs.unshift(...many.map((named, nr) => ({ ...job, ...named, id: 9_000 + nr })));
      Object.assign(jobs.at(-1) ?? {}, none);
      const handle = { id: 'x', startedAt: 0, state: { run: id, commit: shop.first.commit } };
      expect(await shop.target.follow(order(shop.first), handle)).toMatchObject({ kind: 'failed' });
    });

    test('it waits for people and a timer: said with who they are, however long', async () => {
      const pending = [
        {
          environment: { id: 1, name: 'production' },
          wait_timer: 30,
          wait_timer_started_at: '2026-08-01T10:00:00Z',
          current_user_can_approve: false,
          reviewers: [{ type: 'User', reviewer: { login: 'dana' } }],
        },
      ];
      expect(await runAs({ status: 'waiting', conclusion: null, pending })).toMatchObject({
        kind: 'running',
        detail:
          'waiting for dana to approve production on GitHub, and waiting 30 min before production may be deployed to',
        logUrl: expect.stringContaining('/actions/runs/'),
      });
      // Once somebody has approved it, it has its time.
      expect(await runAs({ status: 'in_progress', conclusion: null })).toMatchObject({ kind: 'running' });
    });

    test('it has not ended in time: it may still deploy, so whoever gives up has it cancelled', async () => {
      expect(await runAs({ status: 'in_progress', conclusion: null })).toMatchObject({
        kind: 'failed',
        goesOn: true,
        reason: expect.stringMatching(/^The run has not ended after 90 minutes/),
      });
    });

    test('an environment does not take the tag, or another run came first: in the words of GitHub', async () => {
      const annotations = ['Tag "v1.0.0" is not allowed to deploy to production.'];
      const bad = { status: 'completed', conclusion: 'failure', steps: [], annotations };
      expect(await runAs({ conclusion: 'failure' }, [{}, bad])).toMatchObject({
        reason: `Job “deploy” failed: ${annotations[0]}`,
      });
      const cancelled = { ...bad, conclusion: 'cancelled', annotations: ['A newer request came first.'] };
      expect(await runAs({ conclusion: 'cancelled' }, [{}, cancelled])).toMatchObject({
        reason: 'The run was cancelled on GitHub: A newer request came first.',
      });
    });
  });

  test('really deploys: the workflow moved the branch that production runs from', async () => {
    const handle = await shop.target.start(order(shop.first), 'k');
    const status = await end(shop.target, order(shop.first), handle);
    const [run] = shop.github.actions.runs;
    expect(status).toMatchObject({
      kind: 'succeeded',
      deployment: {
        id: `run ${run?.id}`,
        url: 'https://shop.test',
        logUrl: `${shop.github.web}/acme/shop/actions/runs/${run?.id}`,
      },
    });
    expect(shop.remote.tip('production')).toBe(shop.first.commit);
    expect(run?.inputs).toMatchObject({ version: '1.0.0', environment: 'production' });
    expect(run).toMatchObject({ ref: 'v1.0.0', sha: shop.first.commit });
  });

  test('tells job and step while it runs', async () => {
    shop.github.actions.stepMs = 60;
    const handle = await shop.target.start(order(shop.first), 'k');
    const seen = new Set<string>();
    await end(shop.target, order(shop.first), handle, (detail) => seen.add(detail));
    expect([...seen]).toContain('build: Build (step 2 of 2, job 1 of 2)');
    expect([...seen]).toContain('deploy: Push to production (step 1 of 1, job 2 of 2)');
  });

  test('of a run that has lasted for a while the steps are looked at now and then, its end at once', async () => {
    shop.github.actions.stepMs = 200;
    const started = await shop.target.start(order(shop.first), 'k');
    const handle = { ...started, startedAt: started.startedAt - 30_000 };
    expect(await end(shop.target, order(shop.first), handle)).toMatchObject({ kind: 'succeeded' });
    const asked = shop.github.requests.filter(({ operation }) => operation.endsWith('/jobs'));
    expect(asked).toHaveLength(2);
  });

  test('a failure names the step and shows the end of its log', async () => {
    shop.github.actions.failNext(/Push to production/, [
      '\u001b[31mError: the cluster refused\u001b[0m',
      'token was github_pat',
    ]);
    const handle = await shop.target.start(order(shop.first), 'k');
    expect(await end(shop.target, order(shop.first), handle)).toEqual({
      kind: 'failed',
      reason: 'Job “deploy” failed in step “Push to production”.',
      logUrl: expect.stringContaining('/job/'),
      log: [
        'Error: the cluster refused',
        'token was github_pat',
        'error: Process completed with exit code 1.',
      ],
    });
    expect(await shop.target.live()).toBeNull();
  });

  test('is cancelled on GitHub, also twice and after its end', async () => {
    shop.github.actions.stepMs = 100;
    const handle = await shop.target.start(order(shop.first), 'k');
    await shop.target.cancel?.(handle);
    // What is live is asked right after it.
    expect((await shop.target.follow(order(shop.first), handle)).kind).toBe('failed');
    await shop.another().cancel?.(handle);
    expect(await end(shop.target, order(shop.first), handle)).toMatchObject({
      kind: 'failed',
      reason: 'The run was cancelled on GitHub.',
    });
    await shop.target.cancel?.(handle);
    expect(shop.remote.tip('production')).toBeNull();
  });

  test('takes no run for its own but the one with its text in the name', async () => {
    const found = await shop.github.actions.workflowAt('main', PATH);
    const handle = await shop.target.start(order(shop.first), 'k');
    await end(shop.target, order(shop.first), handle);
    if (found)
      shop.github.actions.addPast(found, { path: PATH, ref: 'main', sha: shop.second.commit, inputs: {} });
    const again = await shop.another().start(order(shop.first), 'k');
    expect(again.state['run']).toBe(shop.github.actions.runs[0]?.id);
  });

  test('runs by hand do not count where the config says so', async () => {
    await shop.intrude?.();
    expect(await shop.target.live()).not.toBeNull();
    expect(await shop.open({ 'by-hand': 'ignored' }).live()).toBeNull();
  });

  test('runs the workflow as it was at the release, where the config says so', async () => {
    const handle = await shop.open({ ref: '{tag}' }).start(order(shop.first), 'k');
    await end(shop.target, order(shop.first), handle);
    expect(shop.github.actions.runs[0]).toMatchObject({ ref: 'v1.0.0', sha: shop.first.commit });
  });

  test('runs the workflow at the tip of a branch only where the config names it', async () => {
    const target = shop.open({ ref: 'main' });
    await end(target, order(shop.first), await target.start(order(shop.first), 'k'));
    expect(shop.github.actions.runs[0]).toMatchObject({ ref: 'main', sha: shop.remote.tip('main') });
  });

  test('a run of ours for another service counts no more than one by hand that is ignored', async () => {
    await end(shop.target, order(shop.first), await shop.target.start(order(shop.first), 'p1'));
    const { first, second } = shop;
    shop.remote.tag('cart-v1.1.0', second.commit);
    const cart = shop.open({}, { tagPrefix: 'cart-v' }, Date.now, 'cart');
    expect(await cart.live()).toBeNull();
    const handle = await cart.start(order({ ...second, tag: 'cart-v1.1.0' }), 'p2');
    await end(cart, order({ ...second, tag: 'cart-v1.1.0' }), handle);
    expect(await shop.target.live()).toMatchObject({ commit: first.commit });
    expect(await cart.live()).toMatchObject({ commit: second.commit });
  });

  test.each([
    ['other text is joined to its tag', 'prod-${{ inputs.slipway }}', { tagPrefix: 'v' }],
    ['its tag is of an earlier form', '${{ inputs.slipway }}', { tagPrefix: 'shop-v' }],
  ])('a run of ours counts where %s, unless it is for another service', async (_why, runName, form) => {
    const { remote, first, second } = shop;
    remote.push('main', 'ci: name', { [PATH]: workflow({ runName }) });
    const before = shop.open({ ref: 'main' });
    await end(before, order(first), await before.start(order(first), 'p1'));
    const target = shop.open({ ref: 'main' }, form);
    expect(await target.live()).toMatchObject({ commit: first.commit });
    remote.tag('cart-v1.1.0', second.commit);
    const cart = shop.open({ ref: 'main' }, { tagPrefix: 'cart-v' }, Date.now, 'cart');
    const from = (await cart.live()) && first;
    const ofCart = order({ ...second, tag: 'cart-v1.1.0' }, from);
    await end(cart, ofCart, await cart.start(ofCart, 'p2'));
    expect(await target.live()).toMatchObject({ commit: first.commit });
    expect(await cart.live()).toMatchObject({ commit: second.commit });
  });

  test('a service whose tags have a form of its own: a workflow that they start is refused', async () => {
    shop.remote.push('main', 'ci: more', { [PATH]: workflow({ on: '  push: { tags: ["release/*"] }' }) });
    expect(await shop.target.preflight()).toContain('deploy.yml');
    await expect(shop.open({}, { tagPrefix: 'release/' }).preflight()).rejects.toMatchObject({
      code: 'target-starts-by-itself',
    });
  });

  test.each(['before it is looked at', 'when the workflow is started'])(
    'a tag that GitHub does not show yet %s is waited for, a minute at most',
    async (when) => {
      let now = Date.now();
      const target = shop.open({}, { tagPrefix: 'v' }, () => now);
      const hidden = when.startsWith('before');
      const dispatches = { status: 422, message: 'No ref found for: refs/tags/v1.0.0' };
      if (hidden) shop.remote.git('tag', '--delete', 'v1.0.0');
      else shop.github.faults.next(/dispatches$/, dispatches, 2);
      await expect(target.start(order(shop.first), 'k')).rejects.toMatchObject({ name: 'Unavailable' });
      now += 61_000;
      await expect(target.start(order(shop.first), 'k')).rejects.toMatchObject({
        code: hidden ? 'release-not-deployable' : 'target-misconfigured',
      });
      if (hidden) shop.remote.tag('v1.0.0', shop.first.commit);
      expect(await end(target, order(shop.first), await target.start(order(shop.first), 'k'))).toMatchObject({
        kind: 'succeeded',
      });
      expect(shop.github.actions.runs).toHaveLength(1);
    },
  );

  test('a rollback does not wait for a tag that is gone', async () => {
    await end(shop.target, order(shop.second), await shop.target.start(order(shop.second), 'p1'));
    shop.remote.git('tag', '--delete', 'v1.0.0');
    const back = { ...order(shop.first, shop.second), kind: 'rollback' } as const;
    await expect(shop.target.start(back, 'p1:rollback')).rejects.toMatchObject({
      code: 'release-not-deployable',
    });
  });

  describe('a run that somebody started again', () => {
    /** Both releases, one after the other. */
    beforeEach(async () => {
      await end(shop.target, order(shop.first), await shop.target.start(order(shop.first), 'p1'));
      const next = order(shop.second, shop.first);
      await end(shop.target, next, await shop.target.start(next, 'p2'));
      const [first, second] = shop.github.actions.runs;
      Object.assign(first ?? {}, { createdAt: Date.now() - 200_000 });
      Object.assign(second ?? {}, { createdAt: Date.now() - 100_000 });
    });
    const rerun = (nr: number, change: object) => {
      const run = shop.github.actions.runs[nr];
      if (!run) throw new Error('there is no such run');
      Object.assign(shop.github.actions.again(run), change);
    };
    const ended = (conclusion: string) => ({ status: 'completed', conclusion });

    test('is live once that went well, however old it is', async () => {
      rerun(0, ended('success'));
      expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    });

    test.each([
      ['is open', 0, {}],
      ['failed', 0, ended('failure')],
    ])('and that %s changes nothing of what is live', async (_how, nr, change) => {
      rerun(nr, change);
      expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
    });

    test.each([
      ['is open', {}],
      ['failed', ended('failure')],
      ['failed twice', ended('failure')],
    ])('is live as it was before where it is the newest and %s', async (how, change) => {
      rerun(1, change);
      if (how === 'failed twice') rerun(1, change);
      expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
      const back = { ...order(shop.second, shop.second), kind: 'rollback' } as const;
      expect((await shop.target.start(back, 'p3:rollback')).state['run']).toEqual(
        how === 'is open' ? null : expect.any(Number),
      );
    });
  });

  describe('whoever may push', () => {
    const EVIL = workflow().replace(
      /run: git push.*/,
      'run: git push --force origin evil:refs/heads/production',
    );

    test('cannot change what is run by a workflow at the tip of the branch', async () => {
      shop.remote.push('evil', 'feat: evil', { evil: 'yes' });
      shop.remote.push('main', 'ci: harmless', { [PATH]: EVIL });
      const handle = await shop.target.start(order(shop.first), 'k');
      expect(await end(shop.target, order(shop.first), handle)).toMatchObject({ kind: 'succeeded' });
      expect(shop.remote.tip('production')).toBe(shop.first.commit);
    });

    test('cannot change it by a branch with the name of the tag', async () => {
      shop.remote.push('evil', 'feat: evil', { evil: 'yes' });
      shop.remote.push('v1.0.0', 'ci: harmless', { [PATH]: EVIL });
      const handle = await shop.target.start(order(shop.first), 'k');
      expect(await end(shop.target, order(shop.first), handle)).toMatchObject({ kind: 'succeeded' });
      expect(shop.remote.tip('production')).toBe(shop.first.commit);
    });

    test('cannot change it by moving the tag', async () => {
      const evil = shop.remote.push('evil', 'ci: harmless', { [PATH]: EVIL });
      shop.remote.git('tag', '--force', '-a', '-m', 'moved', 'v1.0.0', evil);
      await expect(shop.target.start(order(shop.first), 'k')).rejects.toMatchObject({
        code: 'release-not-deployable',
        facts: { reason: `the tag names ${evil.slice(0, 8)} now` },
      });
      expect(shop.github.actions.runs).toEqual([]);
    });

    test('is found out when the tag moves between the look at it and the start', async () => {
      const handle = await shop.target.start(order(shop.first), 'k');
      const [run] = shop.github.actions.runs;
      const evil = shop.remote.push('evil', 'ci: harmless', { [PATH]: EVIL });
      Object.assign(run ?? {}, { sha: evil });
      expect(await end(shop.target, order(shop.first), handle)).toMatchObject({
        kind: 'failed',
        reason: expect.stringContaining('the tag v1.0.0 was moved while it was started'),
      });
      expect(run?.cancelled).toBe(true);
    });

    test('cannot pass off a run of another workflow as the deployment', async () => {
      const evil = shop.remote.push('evil', 'ci: harmless', { [PATH]: EVIL });
      const { id } = await shop.another().start(order(shop.first), 'k');
      const [ours] = shop.github.actions.runs.splice(0);
      const found = await shop.github.actions.workflowAt('evil', PATH);
      const inputs = { ...ours?.inputs, slipway: id };
      if (found) shop.github.actions.addPast(found, { path: PATH, ref: 'evil', sha: evil, inputs });
      const handle = await shop.target.start(order(shop.first), 'k');
      expect(handle.state['run']).not.toBe(shop.github.actions.runs[0]?.id);
    });
  });

  test.each([
    ['no workflow', null, 'there is no .github/workflows/deploy.yml'],
    ['one that nobody can start', 'on: push\njobs: {}\n', 'deploy.yml has no `on: workflow_dispatch`'],
    ['one without our name', workflow({ runName: 'Deploy' }), 'deploy.yml does not show the input slipway'],
  ])('says before the deploy that a release has %s', async (_what, file, reason) => {
    shop.remote.git('branch', 'old', shop.first.commit);
    const commit = shop.remote.push('old', 'chore(release): v0.9.0', { [PATH]: file });
    shop.remote.tag('v0.9.0', commit);
    const old: Release = { version: '0.9.0', tag: 'v0.9.0', commit };
    const refusal = {
      code: 'release-not-deployable',
      facts: { tag: 'v0.9.0', reason: expect.stringContaining(`at v0.9.0, ${reason}`) },
    };
    await expect(shop.target.deployable(old)).rejects.toMatchObject(refusal);
    await expect(shop.target.start(order(old), 'k')).rejects.toMatchObject(refusal);
    expect(shop.github.actions.runs).toEqual([]);
    expect(await shop.open({ ref: 'main' }).deployable(old)).toBe('deploy.yml can be started for v0.9.0.');
  });

  test.each([
    ['500', 500, 'broken', 'Unavailable'],
    ['a page', 200, '<!doctype html>', 'Refusal'],
  ])(
    'rolls back a production that answers %s, and deploys nothing over it',
    async (_how, status, body, name) => {
      const production = createServer((_request, response) => response.writeHead(status).end(body));
      await new Promise<void>((resolve) => production.listen(0, '127.0.0.1', resolve));
      const { port } = production.address() as AddressInfo;
      try {
        const target = shop.open({ live: { url: `http://127.0.0.1:${port}/version` } });
        await expect(target.start(order(shop.second, shop.first), 'k')).rejects.toMatchObject({ name });
        expect(shop.github.actions.runs).toEqual([]);
        const back = { ...order(shop.first, shop.second), kind: 'rollback' } as const;
        expect(await end(target, back, await target.start(back, 'k2'))).toMatchObject({ kind: 'succeeded' });
      } finally {
        production.close();
      }
    },
  );

  describe('a rollback to what was live before a run that', () => {
    const back = () => ({ ...order(shop.first, shop.first), kind: 'rollback' }) as const;
    beforeEach(async () => {
      await end(shop.target, order(shop.first), await shop.target.start(order(shop.first), 'p1'));
    });
    const begin = () => shop.target.start(order(shop.second, shop.first), 'p2');

    test('failed after it had pushed is really run, once', async () => {
      shop.github.actions.failNext(/Push to production/, ['refused']);
      await end(shop.target, order(shop.second, shop.first), await begin());
      const handle = await shop.target.start(back(), 'p2:rollback');
      expect(await shop.another().start(back(), 'p2:rollback')).toMatchObject({ id: handle.id });
      expect(await end(shop.target, back(), handle)).toMatchObject({ deployment: { id: /^run/ } });
      expect(shop.github.actions.runs).toHaveLength(3);
      // From here on the newest run is a good one.
      const again = await shop.target.start(back(), 'p3:rollback');
      expect(again.state['isLive']).toBe(true);
      expect(shop.github.actions.runs).toHaveLength(3);
    });

    test('is open stops that, and is really run', async () => {
      shop.github.actions.stepMs = 300;
      const open = await begin();
      shop.github.actions.stepMs = 5;
      const handle = await shop.target.start(back(), 'p2:rollback');
      expect(shop.github.actions.runs.find(({ id }) => id === open.state['run'])).toMatchObject({
        conclusion: 'cancelled',
      });
      expect(await end(shop.target, back(), handle)).toMatchObject({ kind: 'succeeded' });
      expect(shop.remote.tip('production')).toBe(shop.first.commit);
    });

    test('is one of another service is done already, and stops nothing', async () => {
      shop.github.actions.stepMs = 300;
      shop.remote.tag('cart-v1.1.0', shop.second.commit);
      shop.open({}, { tagPrefix: 'cart-v' }, Date.now, 'cart');
      const cart = { ...shop.second, tag: 'cart-v1.1.0' };
      const open = await shop.target.start(order(cart, shop.first), 'p2');
      expect((await shop.target.start(back(), 'p3:rollback')).state['isLive']).toBe(true);
      const run = shop.github.actions.runs.find(({ id }) => id === open.state['run']);
      expect(run?.cancelled).not.toBe(true);
    });
  });

  test('says what to type by hand', () => {
    expect(shop.target.rollbackCommands?.(shop.first)).toEqual([
      'gh workflow run deploy.yml -R acme/shop --ref v1.0.0 -f version=1.0.0 -f environment=production',
    ]);
    expect(shop.open({ ref: 'main' }).rollbackCommands?.(shop.first)).toEqual([
      'gh workflow run deploy.yml -R acme/shop --ref main -f version=1.0.0 -f environment=production',
    ]);
  });

  test.each([
    ['every push', '  push:', 'the push of a tag starts it'],
    ['tags', '  push: { tags: ["v*"] }', 'the push of a tag starts it'],
    ['tags but old ones', '  push: { tags-ignore: ["v0.*"] }', 'the push of a tag starts it'],
    ['the branch', '  push: { branches: [main] }', 'the push of the release commit to main'],
    ['new refs', '  create:', 'the new tag starts it'],
    ['releases', '  release: { types: [published] }', 'the page of the release starts it'],
    ['deployments', '  deployment:', 'the record of the deployment starts it'],
    ['their states', '  deployment_status:', 'the record of the deployment starts it'],
    ['other workflows', '  workflow_run: { workflows: [CI] }', 'the end of a workflow on main starts it'],
    ['merges', '  pull_request: { types: [closed], branches: [main] }', 'the end of a pull request to main'],
    ['merges of anybody', '  pull_request_target: { types: [closed] }', 'the end of a pull request to main'],
  ])('refuses a workflow that %s would start as well', async (_name, on, reason) => {
    shop.remote.push('main', 'ci: more', { [PATH]: workflow({ on }) });
    await expect(shop.target.preflight()).rejects.toMatchObject({
      code: 'target-starts-by-itself',
      facts: { reason: expect.stringContaining(reason) },
    });
    expect(await shop.open({ 'other-triggers': 'allow' }).preflight()).toContain('deploy.yml');
  });

  test.each([
    ['deploys to the same environment', 'jobs: { ship: { environment: production, steps: [] } }'],
    ['names it with its address', 'jobs: { ship: { environment: { name: production, url: "https://x" } } }'],
    ['names it in other letters', 'jobs: { ship: { environment: Production, steps: [] } }'],
    ['contains it', 'jobs: { ship: { uses: ./.github/workflows/deploy.yml } }'],
    ['starts it', 'jobs: { ship: { steps: [{ run: gh workflow run deploy.yml }] } }'],
  ])('refuses a repository in which another workflow, at a tag, %s', async (_name, jobs) => {
    const other = (on: string) => `name: Ship\non: ${on}\n${jobs}\n`;
    const path = '.github/workflows/ship.yml';
    shop.remote.push('main', 'ci: more', { [path]: other('{ push: { tags: ["v*"] } }') });
    await expect(shop.target.preflight()).rejects.toMatchObject({
      code: 'target-deployed-by-another',
      facts: { other: 'ship.yml', reason: 'the push of a tag starts it (on: push)' },
    });
    expect(await shop.open({ 'other-triggers': 'allow' }).preflight()).toContain('deploy.yml');
    shop.remote.push('main', 'ci: less', { [path]: other('{ push: { tags: ["nightly-*"] } }') });
    expect(await shop.target.preflight()).toContain('deploy.yml');
  });

  test('other workflows may do at a tag whatever else they like', async () => {
    const files = {
      '.github/workflows/image.yml':
        'name: Image\non: { push: { tags: ["v*"] } }\njobs: { build: { environment: registry, steps: [] } }\n',
      '.github/workflows/odd.yml': '{',
    };
    shop.remote.push('main', 'ci: more', files);
    expect(await shop.target.preflight()).toContain('deploy.yml');
  });

  test.each([
    ['other branches', '  push: { branches: ["release/**"] }'],
    ['other tags', '  push: { tags: ["nightly-*"] }'],
    ['tags that are taken out again', '  push: { tags: ["**", "!*.*.*", "!shop/**"] }'],
    ['workflows elsewhere', '  workflow_run: { workflows: [CI], branches: ["release/**"] }'],
    ['pull requests', '  pull_request:'],
    ['merges elsewhere', '  pull_request: { types: [closed], branches: [next] }'],
    ['times', '  schedule: [{ cron: "0 3 * * *" }]'],
  ])('accepts a workflow that also starts at %s', async (_name, on) => {
    shop.remote.push('main', 'ci: more', { [PATH]: workflow({ on }) });
    expect(await shop.target.preflight()).toBe('deploy.yml can be started with version, environment.');
  });

  test.each([
    ['no such input', { inputs: { version: '{version}', region: 'eu' } }, 'does not take the inputs region'],
    ['a missing input', { inputs: { environment: 'production' } }, 'needs the inputs version'],
    [
      'no such choice',
      { inputs: { version: '{version}', environment: 'prod' } },
      'takes only staging, production',
    ],
    ['no such file', { workflow: 'ship.yml' }, 'there is no .github/workflows/ship.yml on main'],
  ])('refuses a setup with %s', async (_name, settings, reason) => {
    await expect(shop.open(settings).preflight()).rejects.toMatchObject({
      code: 'target-misconfigured',
      facts: { reason: expect.stringContaining(reason) },
    });
  });

  test('refuses a workflow whose runs could not be told apart', async () => {
    shop.remote.push('main', 'ci: name', { [PATH]: workflow({ runName: 'Deploy' }) });
    await expect(shop.target.preflight()).rejects.toMatchObject({
      code: 'target-misconfigured',
      facts: {
        reason: expect.stringContaining('run-name: Deploy ${{ inputs.version }} (${{ inputs.slipway }})'),
      },
    });
  });
});

async function end(
  target: Target,
  order: DeployOrder,
  handle: DeployHandle,
  onDetail: (detail: string) => void = () => {},
): Promise<DeployStatus> {
  for (let round = 0; round < 600; round++) {
    const status = await target.follow(order, handle);
    if (status.kind !== 'running') return status;
    onDetail(status.detail);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the deployment never ended');
}
