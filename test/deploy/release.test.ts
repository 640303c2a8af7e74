import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  readWorkflowFile,
  showsInput,
  startsByItself,
} from '../../src/adapters/repositories/github/workflow-file.ts';
import { parseConfig } from '../support/all-adapters.ts';

const root = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const text = root('.github/workflows/release.yml');
const Step = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const Workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({ permissions: z.record(z.string(), z.string()), steps: z.array(Step) }),
  ),
});
const stepsOf = (jobs: z.infer<typeof Workflow>['jobs']) => Object.values(jobs).flatMap((job) => job.steps);
const rightsOf = (jobs: z.infer<typeof Workflow>['jobs']) =>
  Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions]));
const { jobs, permissions } = Workflow.parse(parse(text));
const site = Workflow.parse(parse(root('.github/workflows/site.yml')));

describe('the workflow that publishes Slipway', () => {
  test('is one that Slipway starts by its own configuration, and nothing else does', () => {
    const { services } = parseConfig(root('deploy/release/slipway.yaml'), 'slipway.yaml');
    const target = services.get('slipway')?.target;
    if (target?.use !== 'github-actions') throw new Error('no workflow is started');
    const file = readWorkflowFile(text);
    expect(target.workflow).toBe('release.yml');
    expect(Object.keys(file?.inputs ?? {})).toEqual([...Object.keys(target.inputs), target.correlation]);
    if (file === null) throw new Error('it is no workflow');
    expect(showsInput(file, target.correlation)).toBe(true);
    expect(startsByItself(file, { branch: 'main', tags: ['v1.2.3'] })).toBeNull();
    expect(Object.keys(file.events)).toEqual(['workflow_dispatch']);
  });

  test('marks every file that has the version', () => {
    const marked = ['deploy/helm/slipway/Chart.yaml'];
    const { services } = parseConfig(root('deploy/release/slipway.yaml'), 'slipway.yaml');
    const named = JSON.stringify(services.get('slipway'));
    for (const path of marked) {
      expect(named).toContain(path);
      expect(root(path)).toContain('x-slipway-version');
    }
  });

  test('has the rights that each job needs, and none beside', () => {
    expect(permissions).toEqual({});
    expect(rightsOf(jobs)).toEqual({
      published: { packages: 'read' },
      build: { contents: 'read' },
      publish: { contents: 'write', 'id-token': 'write', attestations: 'write' },
      image: { contents: 'read', packages: 'write' },
      latest: {},
    });
  });

  test('runs code of the repository only where there is nothing to steal', () => {
    const build = JSON.stringify(jobs['build']);
    expect(build).toContain('npm ci');
    expect(build).not.toContain('secrets.');
    for (const name of ['publish', 'image'])
      for (const { run } of jobs[name]?.steps ?? [])
        expect(run ?? '').not.toMatch(/npm (ci|install|run)|node /);
  });
});

test('the workflow of the site publishes what it built from the documentation, by its own rights alone', () => {
  expect(site.permissions).toEqual({});
  expect(rightsOf(site.jobs)).toEqual({
    build: { contents: 'read' },
    publish: { pages: 'write', 'id-token': 'write' },
  });
  expect(JSON.stringify(site)).not.toContain('secrets.');
  const [built] = stepsOf(site.jobs).flatMap(({ run }) => run ?? []);
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(root('package.json')));
  expect(built).toBe('npm run docs');
  // On a fresh clone: what the pages are made with has to be installed first.
  expect(scripts['docs']).toBe('node scripts/ensure.mjs && node docs/site/build.mjs');
});

test('workflows use actions by their commit, and no text of an input in a script', () => {
  const files = readdirSync(new URL('../../.github/workflows', import.meta.url));
  expect(files).toEqual(['release.yml', 'site.yml']);
  for (const steps of [stepsOf(jobs), stepsOf(site.jobs)]) {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(3);
    for (const one of used) expect(one).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  }
});
