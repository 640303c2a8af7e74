import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRequests, MOST_CALLS } from '../../../bench/github-calls/report.ts';
import type { Github } from '../../../demo/github/server.ts';
import type { ShopOnGithubOptions } from '../../../demo/github/shop.ts';
import type { WorldOptions } from '../../../demo/world.ts';
import { sampled } from '../../support/whole.ts';
import { expectNoLeak, linesOf, spellings } from '../leaks.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

/** What the two ways to deploy have in common, and how each is made to fail. */
interface Way {
  readonly name: string;
  readonly options: ShopOnGithubOptions;
  /** The next deployment fails, with this in the thread. */
  breakDeploy(github: Github): void;
  readonly reason: RegExp;
}

const WAYS: readonly Way[] = [
  {
    name: 'github-actions, as an app',
    options: { login: 'app', target: 'github-actions' },
    breakDeploy: ({ actions }) => actions.failNext(/^Test$/, ['not ok 1 - totals round half up', '# fail 1']),
    reason: /The deploy failed[\s\S]*Job “test” failed in step “Test”[\s\S]*totals round half up/,
  },
  {
    name: 'a branch, with a token',
    options: { login: 'token', target: 'git-branch' },
    breakDeploy: ({ faults }) => faults.next(/^PATCH .*heads\/production/, '422'),
    reason: /The deploy failed[\s\S]*Validation Failed/,
  },
];

/** What GitHub's Deployments page shows: what was done, and how each state followed on the other. */
function deploymentsOn({ state }: Github): readonly string[] {
  return state.deployments.map(
    ({ task, ref, environment, statuses }) =>
      `${task} ${ref} to ${environment}: ${statuses.map((status) => status.state).join(', ')}`,
  );
}

function githubOf(stage: Stage): Github {
  if (stage.github === null) throw new Error('the stage is not on GitHub');
  return stage.github;
}

/** One of them, or in CI each. */
const ways = sampled(WAYS, () => ['a way']);

describe.each(ways)('on GitHub, deployed by $name', ({ options, breakDeploy, reason }) => {
  let stage: Stage;
  const begin = async (more: Omit<WorldOptions, 'dir'> = {}) => {
    stage = await setStage({ github: options, ...more });
  };

  describe('story 1', () => {
    beforeAll(() => begin({ approvals: 2 }));
    afterAll(() => stage?.end());

    test('two people, shipped, report committed, release tagged, window closed', async () => {
      await stage.asks();
      await stage.press('grace', 'approve');
      await stage.threadSays(/approved/);
      await stage.press('linus', 'approve');
      await stage.cardShows(/Shipped/);
      const facts = await releaseFacts(stage);
      expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag' });
      expect(facts.production).toBe(facts.tagged);
      expect(stage.shop.control.state().live?.version).toBe('1.3.0');
      const changed = await stage.git('show', '--name-only', '--format=', 'v1.3.0^{commit}');
      expect(changed.split('\n').sort()).toEqual([
        'CHANGELOG.md',
        'package-lock.json',
        'package.json',
        'src/version.js',
      ]);
      expect(await stage.git('tag', '-l', '--format=%(contents)', 'v1.3.0')).toContain('Coupons at checkout');
      await stage.expectNothingAmiss();
    });

    test('every request and answer was as GitHub describes them', () => {
      expect(githubOf(stage).violations).toEqual([]);
    });

    test('the Deployments page shows it', () => {
      expect(deploymentsOn(githubOf(stage))).toEqual(['deploy v1.3.0 to production: in_progress, success']);
    });

    test('it took few requests, and none was refused for a limit', () => {
      const { all, counted } = countRequests(githubOf(stage).requests);
      expect(counted).toBeGreaterThan(20);
      expect(counted).toBeLessThanOrEqual(MOST_CALLS);
      expect(all).toBeLessThanOrEqual(3 * MOST_CALLS);
    });

    test('every link that people got opens', async () => {
      const { web } = githubOf(stage);
      const shown = JSON.stringify([stage.card(), ...stage.thread()]);
      const links = new Set(shown.match(new RegExp(`${web}/[^"|>\\\\ ]+`, 'g')));
      expect(links.size).toBeGreaterThan(2);
      for (const link of links) expect((await fetch(link)).status, link).toBe(200);
    });
  });

  describe('story 5', () => {
    beforeAll(() => begin({ env: { LOG_LEVEL: 'trace' } }));
    afterAll(() => stage?.end());

    test('the deploy fails; Retry succeeds: one release, one tag', async () => {
      await stage.asks();
      const github = githubOf(stage);
      github.faults.echoes = true;
      github.faults.next('GET /repos/{owner}/{repo}/branches/{branch}', '500', 1);
      github.faults.next('POST /repos/{owner}/{repo}/releases', '422', 1);
      github.access.revokeInstallationTokens();
      breakDeploy(github);
      await stage.press('grace', 'approve');
      await stage.cardShows(/release v1\.3\.0/);
      await stage.cardWith('retry_deploy');
      await stage.threadSays(reason);
      expect(stage.shop.control.state().live?.version).toBe('1.2.0');
      await stage.press('ada', 'retry_deploy');
      await stage.cardShows(/Shipped/);
      const facts = await releaseFacts(stage);
      expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
      expect(facts.production).toBe(facts.tagged);
      const shown = deploymentsOn(github);
      expect(shown.at(-1)).toBe('deploy v1.3.0 to production: in_progress, success');
      expect(shown.slice(0, -1).every((one) => one.endsWith('failure'))).toBe(true);
      expect(github.violations).toEqual([]);
      await stage.expectNothingAmiss();
    });

    test('no token and no key is anywhere, though GitHub repeated them in its refusals', async () => {
      const { access, requests } = githubOf(stage);
      expect(requests.filter(({ fault }) => fault !== null).length).toBeGreaterThan(1);
      expect(access.secrets.length).toBeGreaterThan(0);
      await expectNoLeak(stage, {
        'a token': access.secrets.flatMap(spellings),
        ...(options.login === 'app' ? { 'the private key': linesOf(access.app().privateKey) } : {}),
      });
      const log = await readFile(stage.logFile, 'utf8');
      expect(log).toContain('GitHub refused a request');
      expect(log).not.toMatch(/eyJ[\w-]{10,}\.eyJ|(?:bearer|token) (?:gh[ps]_|github_pat_)/i);
    });
  });

  describe('story 6', () => {
    beforeAll(() => begin({ overrides: { rollback: { automatic: 'critical' }, health: { timeout: '2s' } } }));
    afterAll(() => stage?.end());

    test('health fails: rolled back, locked, incident written', async () => {
      stage.shop.control.set({ mode: 'down', version: 'next' });
      await stage.asks();
      await stage.press('grace', 'approve');
      await stage.cardShows(/Rolled back/);
      expect(stage.shop.control.state()).toMatchObject({ live: { version: '1.2.0' }, mode: 'healthy' });
      const facts = await releaseFacts(stage);
      expect(facts).toMatchObject({ releases: 1, reports: 0, tags: 1 });
      expect(facts.production).toBe(await stage.git('rev-parse', 'v1.2.0^{commit}'));
      const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.0.md');
      expect(incident).toContain('health checks failed');
      const [first, second] = deploymentsOn(githubOf(stage));
      expect(first).toMatch(/^deploy v1\.3\.0 to production: /);
      expect(second).toBe('deploy:rollback v1.2.0 to production: in_progress, success');
      expect(githubOf(stage).violations).toEqual([]);
      await stage.expectNothingAmiss();
    });
  });
});
