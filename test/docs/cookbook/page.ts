import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import { openCommand } from '../../../src/adapters/targets/command/command.ts';
import type { DeployOrder, DeployStatus, Target } from '../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { parseConfig } from '../../support/all-adapters.ts';
import { blocksOf } from './blocks.ts';
import { type Render, startRender } from './render.ts';

const DOCS = join(import.meta.dirname, '../../../docs/cookbook');
const STAND_INS = join(import.meta.dirname, 'stand-ins');
export const OLD = { version: '1.2.0', tag: 'v1.2.0', commit: 'a'.repeat(40) };
export const NEW = { version: '1.3.0', tag: 'v1.3.0', commit: 'b'.repeat(40) };
export const order: DeployOrder = { kind: 'deploy', service: 'shop', release: NEW, from: OLD };
export const back: DeployOrder = { kind: 'rollback', service: 'shop', release: OLD, from: NEW };

const deployed = { metadata: { fly_platform_version: 'v2', fly_process_group: 'app' } };

/** A machine of Fly with an image, as `fly machine list` prints it; one that `fly deploy` replaces if nothing else is said. */
export function machine(image: string, config: object = deployed) {
  const [, registry, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? [];
  return {
    state: 'started',
    config,
    image_ref: { registry, repository, tag, digest: `sha256:${'1'.repeat(64)}` },
  };
}

type State = Record<string, unknown>;

/** What is live before, as the platform of the page keeps it, and the programs that it is asked with. */
export const PLATFORMS: Readonly<
  Record<string, { readonly programs: readonly string[]; readonly state: State }>
> = {
  'lambda.md': {
    programs: ['aws'],
    state: { versions: [{ number: '1', description: OLD.version, code: 'x=' }], alias: { number: '1' } },
  },
  'app-service.md': {
    programs: ['az'],
    state: {
      slots: {
        production: `DOCKER|acme.azurecr.io/shop:${OLD.tag}`,
        staging: 'DOCKER|acme.azurecr.io/shop:v1.1.0',
      },
    },
  },
  'fly.md': {
    programs: ['fly'],
    state: { machines: [1, 2].map(() => machine(`registry.fly.io/shop:${OLD.tag}`)) },
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

export const pages = readdirSync(DOCS).filter(
  (name) => !['README.md', 'common.md', 'staging.md'].includes(name),
);

export interface Page {
  readonly target: Target;
  readonly programs: readonly string[];
  readonly render: Render;
  /** What the platform holds now. */
  state(): State;
  /** Something else than the target changes what the platform holds. */
  change(what: State | ((state: State) => void)): void;
  /** Nobody has installed that program. */
  remove(program: string): void;
  /** The command lines that the platform was given, oldest first. */
  calls(): readonly string[];
  deploy(of: DeployOrder, key: string): Promise<DeployStatus>;
}

/** A page's files in a folder of their own, beside stand-ins for the platform's programs; closed when the test is over. */
export async function openPage(page: string): Promise<Page> {
  const { programs, state } = PLATFORMS[page] ?? { programs: [], state: {} };
  const dir = mkdtempSync(join(tmpdir(), 'slipway-cookbook-'));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    const standIn = pathToFileURL(join(STAND_INS, `${program}.mjs`)).href;
    writeFileSync(join(bin, program), `#!/usr/bin/env node\nawait import('${standIn}');\n`);
    chmodSync(join(bin, program), 0o755);
  }
  const stateFile = join(bin, 'state.json');
  writeFileSync(stateFile, JSON.stringify(state));
  writeFileSync(join(bin, 'package.json'), '{"type":"module"}');
  const render = await startRender(OLD.tag);
  for (const { name, text } of blocksOf(readFileSync(join(DOCS, page), 'utf8')))
    if (name !== '') writeFileSync(join(dir, name), inTest(text, render.url), { mode: 0o755 });
  const target = openTarget(dir, bin);
  onTestFinished(async () => {
    await render.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const read = (): State => JSON.parse(readFileSync(stateFile, 'utf8'));
  return {
    target,
    programs,
    render,
    state: read,
    change(what) {
      const now = read();
      if (typeof what === 'function') what(now);
      writeFileSync(stateFile, JSON.stringify(typeof what === 'function' ? now : { ...now, ...what }));
    },
    remove: (program) => rmSync(join(bin, program)),
    calls() {
      const file = join(bin, 'calls.txt');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    },
    async deploy(of, key) {
      const handle = await target.start(of, key);
      return ended(target, of, handle);
    },
  };
}

function ended(
  target: Target,
  of: DeployOrder,
  handle: Awaited<ReturnType<Target['start']>>,
): Promise<DeployStatus> {
  return vi.waitFor(
    async () => {
      const status = await target.follow(of, handle);
      expect(status.kind).not.toBe('running');
      return status;
    },
    { timeout: 15_000, interval: 30 },
  );
}

/** The address and the pauses of a test, in place of those that a page has. */
function inTest(text: string, render: string): string {
  return text.replace(/^(const API = ).*$/m, `$1'${render}';`).replace(/^(const PAUSE_MS = ).*$/m, '$110;');
}

function openTarget(dir: string, bin: string): Target {
  const config = parseConfig(readFileSync(join(dir, 'slipway.yaml'), 'utf8'), 'slipway.yaml');
  const settings = config.services.get('shop')?.target;
  if (settings?.use !== 'command') throw new Error('the page has no command');
  const env = {
    RENDER_API_KEY: 'rnd_key',
    FLY_API_TOKEN: 'fo1_token',
    CLOUDFLARE_API_TOKEN: 'cf_token',
    SHOP_CHECKOUT: dir,
  };
  vi.stubEnv('PATH', [bin, process.env['PATH']].join(delimiter));
  for (const name of settings.env) if (name in env) vi.stubEnv(name, env[name as keyof typeof env]);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return openCommand(settings, adapterContext({ dataDir: join(dir, 'data'), configDir: dir, env }));
}
