import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeProbe } from '../../src/doctor/programs.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Manifest {
  readonly engines?: { readonly node?: string };
}

test('package.json, the command, the doctor and the README name the same oldest Node', async () => {
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const oldest = manifest.engines?.node?.replace('>=', '') ?? '';
  expect(oldest).toMatch(/^20\.\d+\.\d+$/);
  expect(read('bin/node-version.mjs')).toContain(`const oldest = '${oldest}';`);
  expect(read('README.md')).toContain(`Node ${oldest} or newer`);
  const [finding] = await nodeProbe('v18.0.0').look(AbortSignal.timeout(1_000));
  expect(finding?.fix).toBe(`Install Node ${oldest} or newer.`);
});

test('no library of the bot asks for a newer one', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<
      Record<string, Manifest & { readonly dev?: boolean; readonly optional?: boolean }>
    >;
  };
  const newer = Object.entries(packages).flatMap(([name, { dev, engines }]) => {
    const wanted = /^>=?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(engines?.node ?? '');
    if (dev || wanted === null) return [];
    const [major = 0, minor = 0, patch = 0] = wanted.slice(1).map((part) => Number(part ?? 0));
    const isNewer = major > 20 || (major === 20 && (minor > 18 || (minor === 18 && patch > 1)));
    return isNewer ? [`${name} ${engines?.node}`] : [];
  });
  // It says so by mistake: what Octokit uses of it is plain JavaScript, and the table of versions runs it.
  // entities is a module that older ones could not `require`; it is imported, which 20.18.1 does.
  expect(newer).toEqual([
    'node_modules/@octokit/request/node_modules/content-type >=22',
    'node_modules/entities >=20.19.0',
  ]);
});
