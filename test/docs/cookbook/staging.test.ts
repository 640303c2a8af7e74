import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { rollbackGate } from '../../../src/domain/gates/rollback-gate.ts';
import { stagingDeploymentGate } from '../../../src/domain/gates/staging-deployment.ts';
import { stagingValidationGate } from '../../../src/domain/gates/staging-validation.ts';
import { isReady } from '../../../src/domain/promotion/feature.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import { recordValidation } from '../../../src/domain/state-file/record-validation.ts';
import { blocksOf } from './blocks.ts';

const PATH = 'specs/next/state.yaml';
const blocks = blocksOf(readFileSync(new URL('../../../docs/cookbook/staging.md', import.meta.url), 'utf8'));
const block = (name: string) => {
  const found = blocks.find((one) => one.name === name);
  if (!found) throw new Error(`the page has no ${name}`);
  return found.text;
};

/** What each of the two jobs runs, line by line. */
const JOBS: Readonly<Record<string, () => readonly string[]>> = {
  'GitHub Actions': () => {
    const { jobs } = parse(block('.github/workflows/staging.yml')) as {
      jobs: { staging: { steps: readonly { run?: string }[] } };
    };
    return jobs.staging.steps.flatMap(({ run }) => run ?? []);
  },
  GitLab: () => {
    const { staging } = parse(block('.gitlab-ci.yml')) as { staging: { script: readonly string[] } };
    const lines = staging.script.filter((line) => !line.startsWith('git remote set-url'));
    expect(lines).toHaveLength(staging.script.length - 1);
    return lines;
  },
};

let dir: string;
let remote: string;
const git = (at: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.com', ...args], {
    cwd: at,
    encoding: 'utf8',
  }).trim();

function commit(file: string, text: string): string {
  const work = join(dir, 'work');
  writeFileSync(join(work, file), text, { mode: 0o755 });
  git(work, 'add', '.');
  git(work, 'commit', '--quiet', '--message', file);
  git(work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  return git(work, 'rev-parse', 'HEAD');
}

/** A checkout as runners make it, without a branch, in which the lines of a job are run one after the other. */
function runJob(lines: readonly string[], sha: string): void {
  const at = mkdtempSync(join(dir, 'job-'));
  git(at, 'clone', '--quiet', '--no-checkout', remote, '.');
  git(at, 'checkout', '--quiet', '--detach', sha);
  const env = {
    ...process.env,
    DEPLOYED: join(dir, 'deployed'),
    GITHUB_SHA: sha,
    CI_COMMIT_SHA: sha,
    CI_COMMIT_BRANCH: 'main',
  };
  for (const line of lines) execFileSync('bash', ['-e', '-c', line], { cwd: at, env, stdio: 'pipe' });
}

const stateOnMain = () => git(remote, 'show', `main:${PATH}`);
const readingOf = (text: string) =>
  readStateFiles([{ path: PATH, bytes: new TextEncoder().encode(text) }], {
    slug: 'next',
    dir: 'specs/next',
  });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-staging-'));
  chmodSync(dir, 0o755);
  remote = join(dir, 'remote.git');
  git(dir, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  git(remote, 'config', 'receive.advertisePushOptions', 'true');
  git(dir, 'clone', '--quiet', remote, 'work');
  commit('staging-state.sh', block('staging-state.sh'));
  commit('deploy-staging.sh', '#!/bin/sh\necho "$1" >> "$DEPLOYED"\n');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe.each(Object.entries(JOBS))('the job for %s', (_name, lines) => {
  test('says what is on staging; a person approves, and every gate about staging passes', () => {
    const before = git(join(dir, 'work'), 'rev-parse', 'HEAD');
    const sha = commit('app.js', '1');
    runJob(lines(), sha);
    expect(readFileSync(join(dir, 'deployed'), 'utf8').trim().split('\n')).toEqual([sha, before, sha]);

    const reading = readingOf(stateOnMain());
    expect(rollbackGate(reading)).toMatchObject({ verdict: 'passed' });
    expect(stagingDeploymentGate(reading)).toMatchObject({ verdict: 'passed' });
    expect(stagingValidationGate(reading)).toMatchObject({ verdict: 'failed' });
    expect(reading.validatedCommit).toMatchObject({ kind: 'value', value: sha });
    // The build is what was validated: the commit of the file comes on top of it and changes nothing else.
    expect(git(remote, 'diff', '--name-only', sha, 'main')).toBe(PATH);

    const validation = { by: 'Grace Hopper', at: Date.now() + 1_000, commit: sha };
    const approved = readingOf(recordValidation(PATH, stateOnMain(), validation));
    expect(stagingValidationGate(approved)).toMatchObject({ verdict: 'passed' });
    expect(isReady(approved)).toBe(true);
  });

  test('says it of the build that it deployed, also when somebody pushed meanwhile, and anew for the next one', () => {
    const sha = commit('app.js', '1');
    commit('later.js', '1');
    runJob(lines(), sha);
    expect(readingOf(stateOnMain()).validatedCommit).toMatchObject({ value: sha });
    expect(git(remote, 'show', 'main:later.js')).toBe('1');

    git(join(dir, 'work'), 'pull', '--quiet', '--rebase', 'origin', 'main');
    const next = commit('app.js', '2');
    runJob(lines(), next);
    expect(readingOf(stateOnMain()).validatedCommit).toMatchObject({ value: next });
  });

  test('says nothing when staging could not be put back', () => {
    commit('deploy-staging.sh', '#!/bin/sh\necho "$1" >> "$DEPLOYED"\ntest "$(wc -l < "$DEPLOYED")" != 2\n');
    const sha = commit('app.js', '1');
    expect(() => runJob(lines(), sha)).toThrow();
    expect(() => stateOnMain()).toThrow();
  });
});
