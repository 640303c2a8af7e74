import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readAudit } from '../../scripts/audit.mjs';
import { isAllowed, refusedLicences } from '../../scripts/licences.mjs';
import { productionPackages } from '../../scripts/packages.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const Versions = z.record(z.string(), z.string());
const { dependencies, devDependencies } = z
  .object({ dependencies: Versions, devDependencies: Versions })
  .parse(JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')));
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const packages = productionPackages(ROOT);

test('every dependency is one version, and no range', () => {
  const all = Object.entries({ ...dependencies, ...devDependencies });
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter(([, version]) => !EXACT.test(version))).toEqual([]);
  for (const range of ['^1.0.0', '~1.0.0', '>=1.0.0', '1.x', '*', 'latest', 'git+ssh://a']) {
    expect(range).not.toMatch(EXACT);
  }
});

describe('the licences', () => {
  test('of all production packages are permissive', () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(refusedLicences(packages)).toEqual([]);
  });

  test('a package that asks for more is refused by its name', () => {
    const made = { name: 'made-up', version: '1.0.0', license: 'GPL-3.0-only' };
    expect(refusedLicences([...packages, made])).toEqual(['made-up 1.0.0: GPL-3.0-only']);
    expect(refusedLicences([{ ...made, license: null }])).toEqual(['made-up 1.0.0: no licence']);
    expect(refusedLicences([{ ...made, license: 'OFL-1.1' }])).toHaveLength(1);
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-2.0-only)', true],
    ['(MIT AND GPL-2.0-only)', false],
    ['Apache-2.0 AND MIT', true],
    ['AGPL-3.0-or-later', false],
    ['SEE LICENSE IN LICENSE', false],
    ['UNLICENSED', false],
    ['(MIT OR (GPL-2.0-only AND ISC))', false],
    ['', false],
  ])('%s', (licence, allowed) => {
    expect(isAllowed(licence)).toBe(allowed);
  });
});

describe('the audit for vulnerabilities', () => {
  const found = (severity: string) =>
    JSON.stringify({ auditReportVersion: 2, vulnerabilities: { a: { name: 'a', severity } } });

  test('fails for those of weight, whatever npm ended with', () => {
    expect(readAudit(1, found('high'))).toEqual({ kind: 'found', names: ['a (high)'] });
    expect(readAudit(0, found('critical'))).toEqual({ kind: 'found', names: ['a (critical)'] });
    expect(readAudit(0, found('moderate'))).toEqual({ kind: 'clean' });
  });

  test('says when the registry has no answer, and does not call that clean', () => {
    const refused = JSON.stringify({ message: '405 Method Not Allowed - POST https://registry.example/x' });
    expect(readAudit(1, refused)).toEqual({ kind: 'unanswered', said: '405 Method Not Allowed' });
    expect(readAudit(1, '')).toMatchObject({ kind: 'unanswered' });
    expect(readAudit(0, '{}')).toMatchObject({ kind: 'unanswered' });
  });

  test('waits for a registry that never answers only so long, and says loudly that nothing was checked', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const ask = (all: string) =>
      promisify(execFile)(process.execPath, ['scripts/audit.mjs'], {
        cwd: ROOT,
        timeout: 30_000,
        env: {
          ...process.env,
          npm_config_registry: `http://127.0.0.1:${port}/`,
          SLIPWAY_AUDIT_WITHIN_MS: '500',
          SLIPWAY_REQUIRE_ALL: all,
        },
      });
    try {
      expect((await ask('')).stdout).toMatch(/^SKIPPED: .*no answer in 0\.5 s/);
      const { stdout, stderr } = await ask('1');
      expect(stdout).toBe('');
      expect(stderr).toContain('!!!!!!!!');
      expect(stderr).toContain('NOTHING WAS CHECKED');
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  }, 60_000);
});

test('the bill of materials names every production package, and nothing of this machine', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/sbom.mjs'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const Component = z.object({
    name: z.string(),
    version: z.string(),
    purl: z.string().startsWith('pkg:npm/'),
  });
  const bom = z
    .object({
      bomFormat: z.literal('CycloneDX'),
      specVersion: z.string(),
      metadata: z.object({ component: Component }),
      components: z.array(Component.extend({ licenses: z.array(z.unknown()).min(1) })),
      dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
    })
    .parse(JSON.parse(stdout));
  expect(bom.metadata.component.name).toBe('slipway');
  const named = new Set(bom.components.map(({ name, version }) => `${name}@${version}`));
  expect([...named].sort()).toEqual(packages.map(({ name, version }) => `${name}@${version}`).sort());
  for (const own of [ROOT.replace(/\/$/, ''), tmpdir(), hostname(), 'localhost'])
    expect(stdout).not.toContain(own);
  expect(stdout).not.toMatch(/file:|"timestamp"/);
}, 60_000);
