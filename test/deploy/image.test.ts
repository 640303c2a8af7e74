import { readFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import { all, commandOf, DOCKERFILE, environmentOf, stages, stagesOf } from './dockerfile.ts';

const last = stages.at(-1);
const root = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the Dockerfile', () => {
  test('names a release of each image that it starts from', () => {
    expect(stages).toHaveLength(3);
    for (const { image } of stages) expect(image).toMatch(/^[a-z]+:(?!latest)[\w.-]+$/);
  });

  test('starts from a Node that Slipway runs on', () => {
    const { engines } = JSON.parse(root('package.json')) as { engines: { node: string } };
    for (const { image } of stages.slice(0, -1)) {
      const major = Number(/^node:(\d+)-/.exec(image)?.[1]);
      expect(major % 2).toBe(0);
      expect(major).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
    }
  });

  test('ends as an account with a number, which Kubernetes can tell from root, and which exists', () => {
    expect(all(last, 'USER')).toEqual(['10001:10001']);
    const accounts = all(last, 'RUN').find((text) => text.includes('useradd'));
    expect(accounts).toContain('groupadd --gid 10001 slipway');
    expect(accounts).toContain('useradd --uid 10001 --gid 10001');
    const order = last?.instructions.map(({ name }) => name) ?? [];
    expect(order.lastIndexOf('RUN')).toBeLessThan(order.indexOf('USER'));
  });

  test('installs what the lock file says, and runs no script of a package', () => {
    const installs = stages.flatMap((stage) => all(stage, 'RUN')).filter((text) => text.includes('npm'));
    expect(installs).toHaveLength(2);
    for (const text of installs) expect(text).toMatch(/^npm ci .*--ignore-scripts/);
    expect(installs[1]).toContain('--omit=dev');
  });

  test('keeps neither lists of packages nor what was only for building', () => {
    for (const text of all(last, 'RUN').filter((one) => one.includes('apt-get'))) {
      expect(text).toContain('--no-install-recommends');
      expect(text).toMatch(/rm -rf \/var\/lib\/apt\/lists\/\*$/);
    }
    expect(all(last, 'COPY').map((text) => text.split(' ')[0])).toEqual(['--from=build', '--from=app']);
  });

  test('starts the program by its exec form, under something that takes exit codes of orphans', () => {
    expect(commandOf(last)).toEqual(['tini', '--', 'node', '/app/bin/slipway.mjs', 'start']);
    expect(JSON.parse(all(last, 'HEALTHCHECK')[0]?.split('CMD ')[1] ?? '')).toHaveLength(3);
  });

  test('holds no secret, and says where they come from', () => {
    const names = Object.keys(environmentOf(last));
    expect(names).toContain('CREDENTIALS_DIRECTORY');
    expect(names.filter((name) => /TOKEN|SECRET|PASSWORD|KEY/.test(name))).toEqual([]);
    for (const name of names.filter((one) => one !== 'NODE_ENV'))
      expect(root('docs/operating.md')).toContain(`\`${name}\``);
  });

  test('gets everything that it copies through its ignore file, and nothing private', () => {
    const lines = readFileSync(`${DOCKERFILE}.dockerignore`, 'utf8').split('\n');
    const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    const kept = rules.slice(1).map((rule) => rule.replace(/^!/, ''));
    const passes = picomatch(
      kept.flatMap((rule) => [rule, `${rule}/**`]),
      { dot: true },
    );
    const copied = stages
      .flatMap((stage) => all(stage, 'COPY'))
      .filter((text) => !text.startsWith('--from=') && text !== '. .')
      .flatMap((text) => text.split(' ').slice(0, -1));
    expect(copied.length).toBeGreaterThan(2);
    expect(
      [...copied, 'src/cli.ts', 'demo/main.ts', 'bin/slipway.mjs', 'scripts/ensure.mjs'].filter(
        (path) => !passes(path),
      ),
    ).toEqual([]);
    for (const path of [
      '.git/config',
      '.slipway/postgres/access.json',
      'slipway.yaml',
      '.env',
      'node_modules/a.js',
      'deploy/docker/secrets/GIT_TOKEN',
    ])
      expect(passes(path), path).toBe(false);
  });

  test('is read strictly', () => {
    expect(() => stagesOf('FROM debian:12\nADD https://example.com /x')).toThrow('not understood: ADD');
  });
});
