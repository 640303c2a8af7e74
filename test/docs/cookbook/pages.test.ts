import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openCommand } from '../../../src/adapters/targets/command/command.ts';
import type { DeployOrder, DeployStatus, Target } from '../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { parseConfig } from '../../support/all-adapters.ts';
import { blocksOf } from './blocks.ts';
import { startRender } from './render.ts';

const DOCS = join(import.meta.dirname, '../../../docs/cookbook');
const OLD = { version: '1.2.0', tag: 'v1.2.0', commit: 'a'.repeat(40) };
const NEW = { version: '1.3.0', tag: 'v1.3.0', commit: 'b'.repeat(40) };
const order: DeployOrder = { kind: 'deploy', service: 'shop', release: NEW, from: OLD };
const back: DeployOrder = { kind: 'rollback', service: 'shop', release: OLD, from: NEW };
const FAILURE = 'the platform has no more capacity';

/** What is live before, as the platform of the page keeps it. */
const PLATFORMS: Readonly<Record<string, { readonly programs: readonly string[]; readonly state: object }>> =
  {
    'lambda.md': {
      programs: ['aws'],
      state: { versions: [{ number: '1', description: OLD.version, code: 'x' }], alias: '1' },
    },
    'app-service.md': {
      programs: ['az'],
      state: {
        slots: { production: `acme.azurecr.io/shop:${OLD.tag}`, staging: `acme.azurecr.io/shop:v1.1.0` },
      },
    },
    'fly.md': {
      programs: ['fly'],
      state: { images: [`registry.fly.io/shop:${OLD.tag}`, `registry.fly.io/shop:${OLD.tag}`] },
    },
    'render.md': { programs: [], state: {} },
    'cloudflare.md': {
      programs: ['wrangler', 'git', 'npm'],
      state: {
        versions: [{ id: 'id-0', number: 1, annotations: { 'workers/tag': OLD.version } }],
        live: 'id-0',
      },
    },
    'swarm.md': { programs: ['docker'], state: { image: `registry.example.com/shop:${OLD.tag}@sha256:0` } },
  };

const pages = readdirSync(DOCS).filter((name) => !['README.md', 'common.md'].includes(name));

test('every page of a platform has its stand-in', () => {
  expect(pages.sort()).toEqual(Object.keys(PLATFORMS).sort());
});

describe.each(pages)('%s', (page) => {
  let dir: string;
  let target: Target;
  let render: Awaited<ReturnType<typeof startRender>>;
  const { programs, state } = PLATFORMS[page] ?? { programs: [], state: {} };
  const usualPath = process.env['PATH'];
  const stateFile = () => join(dir, 'bin', 'state.json');
  const calls = () => readFileSync(join(dir, 'bin', 'calls.txt'), 'utf8').match(/^\S+/gm) ?? [];

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-cookbook-'));
    mkdirSync(join(dir, 'bin'));
    for (const program of programs)
      cpSync(join(import.meta.dirname, 'stand-in.mjs'), join(dir, 'bin', program));
    for (const program of programs) chmodSync(join(dir, 'bin', program), 0o755);
    writeFileSync(stateFile(), JSON.stringify(state));
    writeFileSync(join(dir, 'bin', 'calls.txt'), '');
    writeFileSync(join(dir, 'bin', 'package.json'), '{"type":"module"}');
    process.env['PATH'] = [join(dir, 'bin'), usualPath].join(delimiter);
    render = await startRender(OLD.tag);
    for (const { name, text } of blocksOf(readFileSync(join(DOCS, page), 'utf8')))
      if (name !== '') writeFileSync(join(dir, name), text, { mode: 0o755 });
    const config = parseConfig(readFileSync(join(dir, 'slipway.yaml'), 'utf8'), 'slipway.yaml');
    const settings = config.services.get('shop')?.target;
    if (settings?.use !== 'command') throw new Error('the page has no command');
    const env = {
      RENDER_API: render.url,
      RENDER_API_KEY: 'rnd_key',
      FLY_API_TOKEN: 'fo1_token',
      CLOUDFLARE_API_TOKEN: 'cf_token',
      SHOP_CHECKOUT: dir,
    };
    for (const name of settings.env) if (name in env) process.env[name] = env[name as keyof typeof env];
    target = openCommand(settings, adapterContext({ dataDir: join(dir, 'data'), configDir: dir, env }));
  });
  afterEach(async () => {
    process.env['PATH'] = usualPath;
    delete process.env['RENDER_API'];
    delete process.env['SHOP_CHECKOUT'];
    await render.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  async function deploy(of: DeployOrder, key: string): Promise<DeployStatus> {
    const handle = await target.start(of, key);
    return vi.waitFor(
      async () => {
        const status = await target.follow(of, handle);
        expect(status.kind).not.toBe('running');
        return status;
      },
      { timeout: 15_000, interval: 30 },
    );
  }

  test('deploys, says what is live, and goes back', async () => {
    expect(await target.live()).toMatchObject({ version: OLD.version });
    expect(await deploy(order, 'p-1/deploy-1')).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ version: NEW.version });
    expect(await deploy(back, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ version: OLD.version });
    expect(new Set(calls())).toEqual(new Set(programs));
  });

  test('may run again for an order that it has carried out', async () => {
    await deploy(order, 'p-1/deploy-1');
    expect(await deploy(order, 'p-1/deploy-2')).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ version: NEW.version });
  });

  test('says that nobody knows what is live while the platform does not answer, and not that nothing is', async () => {
    render.outage = true;
    writeFileSync(stateFile(), JSON.stringify({ ...state, outage: true }));
    await expect(target.live()).rejects.toThrow();
    await expect(target.start(order, 'p-1/deploy-1')).rejects.toThrow();
  });

  test('finds what is live, and what was shipped before, among many others', async () => {
    const others = Array.from({ length: 120 }, (_, nr) => `0.0.${nr}`);
    const now = JSON.parse(readFileSync(stateFile(), 'utf8'));
    if (page === 'lambda.md')
      now.versions.push(
        ...others.map((description, nr) => ({ number: `${nr + 2}`, description, code: 'y' })),
      );
    if (page === 'cloudflare.md')
      now.versions.push(...others.map((tag) => ({ id: `of-${tag}`, annotations: { 'workers/tag': tag } })));
    writeFileSync(stateFile(), JSON.stringify(now));
    render.cancelled(others.length);
    expect(await target.live()).toMatchObject({ version: OLD.version });
    expect(await deploy(order, 'p-1/deploy-1')).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ version: NEW.version });
    expect(await deploy(back, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
    expect(await target.live()).toMatchObject({ version: OLD.version });
  });

  test('says when the platform refuses, and what is live then', async () => {
    render.fail = true;
    writeFileSync(stateFile(), JSON.stringify({ ...state, fail: FAILURE }));
    const status = await deploy(order, 'p-1/deploy-1');
    expect(status.kind).toBe('failed');
    expect(JSON.stringify(status)).toMatch(/no more capacity|update_failed|rollback_completed/);
    expect(await target.live()).toMatchObject({ version: OLD.version });
  });
});
