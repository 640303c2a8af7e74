import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openCommand } from '../../../../src/adapters/targets/command/command.ts';
import { CommandSettings } from '../../../../src/adapters/targets/command/settings.ts';
import type {
  DeployHandle,
  DeployOrder,
  DeployStatus,
  Target,
} from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { compiledModule } from '../../../support/compiled.ts';

const OLD = { version: '1.2.0', tag: 'v1.2.0', commit: 'a'.repeat(40) };
const NEW = { version: '1.3.0', tag: 'v1.3.0', commit: 'b'.repeat(40) };
const order: DeployOrder = { kind: 'deploy', service: 'shop', release: NEW, from: null };
const back: DeployOrder = { kind: 'rollback', service: 'shop', release: OLD, from: NEW };

let dir: string;
const started: number[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'command-'));
});
afterEach(async () => {
  for (const pid of started.splice(0)) kill(-pid);
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already, as it should be
  }
}

/** A target whose deploy command is a Node script. */
async function open(
  script: string,
  settings: Record<string, unknown> = {},
  env: Record<string, string> = {},
): Promise<Target> {
  await writeFile(join(dir, 'deploy.mjs'), script);
  const parsed = CommandSettings.parse({
    use: 'command',
    deploy: [process.execPath, 'deploy.mjs', '{version}', '{tag}', '{commit}', '{service}', '{other}'],
    ...settings,
  });
  return openCommand(parsed, adapterContext({ dataDir: join(dir, 'data'), configDir: dir, env }));
}

const folderOf = (handle: DeployHandle) => join(dir, 'data', 'command', 'shop', handle.id);
const pidOf = async (handle: DeployHandle, who: 'supervisor' | 'child') =>
  (JSON.parse(await readFile(join(folderOf(handle), `${who}.json`), 'utf8')) as { pid: number }).pid;

async function untilDone(target: Target, handle: DeployHandle, of = order): Promise<DeployStatus> {
  return vi.waitFor(
    async () => {
      const status = await target.follow(of, handle);
      expect(status.kind).not.toBe('running');
      return status;
    },
    { timeout: 15_000, interval: 30 },
  );
}

async function deploy(target: Target, of = order, key = 'p-1/deploy-1'): Promise<DeployStatus> {
  return untilDone(target, await target.start(of, key), of);
}

/** Appends a line each time that it runs, so that a second run shows. */
const COUNTING = `
import { appendFileSync } from 'node:fs';
appendFileSync('ran.txt', process.env.SLIPWAY_TAG + '\\n');
`;
const ran = async () =>
  (await readFile(join(dir, 'ran.txt'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);

describe('deploying by a command', () => {
  test('gives it the facts as arguments and variables, and nothing else of the environment', async () => {
    process.env['SLACK_BOT_TOKEN_FOR_TEST'] = 'xoxb-private';
    const script = `import { writeFileSync } from 'node:fs';
      writeFileSync('seen.json', JSON.stringify({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }));`;
    const target = await open(script, { env: ['REGION', 'UNSET'] }, { REGION: 'eu' });
    expect(await deploy(target, { ...order, from: OLD })).toMatchObject({ kind: 'succeeded' });
    const seen = JSON.parse(await readFile(join(dir, 'seen.json'), 'utf8'));
    expect(seen.argv).toEqual(['1.3.0', 'v1.3.0', NEW.commit, 'shop', '{other}']);
    expect(seen.env).toMatchObject({
      REGION: 'eu',
      SLIPWAY_SERVICE: 'shop',
      SLIPWAY_KIND: 'deploy',
      SLIPWAY_VERSION: '1.3.0',
      SLIPWAY_TAG: 'v1.3.0',
      SLIPWAY_COMMIT: NEW.commit,
      SLIPWAY_PERCENT: '100',
      SLIPWAY_FROM_VERSION: '1.2.0',
      SLIPWAY_FROM_COMMIT: OLD.commit,
      SLIPWAY_KEY: 'p-1/deploy-1',
    });
    expect(seen.env).not.toHaveProperty('SLACK_BOT_TOKEN_FOR_TEST');
    expect(seen.env).not.toHaveProperty('UNSET');
    delete process.env['SLACK_BOT_TOKEN_FOR_TEST'];
  });

  test('gives it the share of the requests, all of them where nothing else is said', async () => {
    const script = `import { appendFileSync } from 'node:fs';
      appendFileSync('ran.txt', process.argv[2] + ' ' + process.env.SLIPWAY_PERCENT + '\\n');`;
    const target = await open(script, { deploy: [process.execPath, 'deploy.mjs', '{percent}'] });
    expect(target.splits).toBe(true);
    expect((await open(script)).splits).toBe(false);
    await deploy(target, { ...order, percent: 2.5 }, 'p-1/deploy-1');
    await deploy(target, order, 'p-1/deploy-2');
    expect(await ran()).toEqual(['2.5 2.5', '100 100']);
  });

  test('runs no shell', async () => {
    const target = await open(COUNTING, {
      deploy: [process.execPath, 'deploy.mjs', '; touch hacked', '$(touch hacked)', '`touch hacked`'],
    });
    await deploy(target, order);
    expect(await ran()).toEqual([NEW.tag]);
    expect(await readdir(dir)).not.toContain('hacked');
  });

  test.each([
    ['--output=x', 'the tag “--output=x” is more than a plain word'],
    ['v1\nx', 'the tag “v1 x” is more than a plain word'],
    ['v1\0', 'is more than a plain word'],
    ['$(touch hacked)', 'the tag “$(touch hacked)” is more than a plain word'],
  ])('is not run when the tag is %j', async (tag, reason) => {
    const target = await open(COUNTING, { check: [process.execPath, 'deploy.mjs', '{tag}'] });
    const release = { ...NEW, tag };
    const refusal = { code: 'release-not-deployable', facts: { reason: expect.stringContaining(reason) } };
    await expect(target.start({ ...order, release }, 'k')).rejects.toMatchObject(refusal);
    await expect(target.deployable(release)).rejects.toMatchObject(refusal);
    expect(await ran()).toEqual([]);
  });

  test('returns what the command says of the deployment', async () => {
    const script = `import { appendFileSync } from 'node:fs';
      appendFileSync(process.env.SLIPWAY_OUTPUT, 'id=dep-7\\nurl=https://shop.example/v1\\nlog_url=javascript:alert(1)\\nnoise\\n');`;
    const status = await deploy(await open(script, { url: 'https://shop.example' }));
    expect(status).toMatchObject({ deployment: { id: 'dep-7', url: 'https://shop.example/v1' } });
    expect(status).not.toHaveProperty('deployment.logUrl');
    const plain = await deploy(await open('', { url: 'https://shop.example' }), order, 'other');
    expect(plain).toMatchObject({
      deployment: { id: expect.stringContaining('other-'), url: 'https://shop.example' },
    });
  });

  test('shows the last line while it runs, and the last lines when it failed', async () => {
    const script = `console.log('one'); process.stdout.write('10 %\\r50 %');
      await new Promise((go) => setTimeout(go, 600)); console.log('\\r100 %'); console.error('two'); process.exitCode = 3;`;
    const target = await open(script);
    const handle = await target.start(order, 'k');
    await vi.waitFor(
      async () =>
        expect(await target.follow(order, handle)).toMatchObject({
          kind: 'running',
          detail: '10 %',
          askAgainMs: 500,
        }),
      { timeout: 5_000, interval: 20 },
    );
    expect(await untilDone(target, handle)).toEqual({
      kind: 'failed',
      reason: 'The command ended with exit code 3.',
      log: expect.arrayContaining(['one', 'two', '10 %', '50 %', '100 %']),
    });
  });

  test('keeps secrets and terminal escapes out of the log', async () => {
    const script = `const { DEPLOY_KEY, MY_TOKEN } = process.env;
      process.stdout.write('\\u001b[31mkey ' + DEPLOY_KEY.slice(0, 5));
      await new Promise((go) => setTimeout(go, 80));
      console.log(DEPLOY_KEY.slice(5) + '\\u001b[0m');
      console.log('x'.repeat(16380) + DEPLOY_KEY + 'y'.repeat(16380));
      console.log('in a URL', encodeURIComponent(DEPLOY_KEY), 'encoded', Buffer.from(MY_TOKEN).toString('base64'));
      process.exitCode = 1;`;
    const env = { DEPLOY_KEY: 'p@ss/word-1234567', MY_TOKEN: 'tok-abcdef' };
    const target = await open(script, { secrets: ['DEPLOY_KEY'], env: ['MY_TOKEN'] }, env);
    const status = await deploy(target);
    expect(status).toMatchObject({ log: expect.arrayContaining(['key ***', 'in a URL *** encoded ***']) });
    for (const id of await readdir(join(dir, 'data/command/shop'))) {
      for (const file of await readdir(join(dir, 'data/command/shop', id))) {
        const text = await readFile(join(dir, 'data/command/shop', id, file), 'utf8');
        expect(text).not.toMatch(/word-12|tok-abc/);
        expect(text).not.toContain('\u001b');
      }
    }
  });

  test('wants its secrets to be there', async () => {
    const target = await open('', { secrets: ['DEPLOY_KEY'] });
    await expect(target.preflight()).rejects.toMatchObject({ code: 'secret-missing' });
  });

  test('stops what takes too long, with all that it started', async () => {
    const script = `import { spawn } from 'node:child_process';
      const inner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log('inner', inner.pid); setInterval(() => {}, 1000);`;
    const target = await open(script, { timeout: '700ms' });
    const status = await deploy(target);
    expect(status).toMatchObject({
      kind: 'failed',
      reason: 'The command did not end within 700 ms and was stopped.',
    });
    const inner = Number((status.kind === 'failed' ? (status.log?.[0] ?? '') : '').split(' ')[1]);
    await vi.waitFor(() => expect(() => process.kill(inner, 0)).toThrow('ESRCH'), 3_000);
  });

  test('can be cancelled', async () => {
    const target = await open('setInterval(() => {}, 1000); console.log("up")');
    const handle = await target.start(order, 'k');
    await vi.waitFor(
      async () => expect(await target.follow(order, handle)).toMatchObject({ detail: 'up' }),
      5_000,
    );
    await target.cancel?.(handle);
    expect(await target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('cancelled'),
    });
    await target.cancel?.(handle);
  });

  test('says when the program is not there', async () => {
    const target = await open('', { deploy: ['./no-such-program'] });
    await expect(target.preflight()).rejects.toMatchObject({
      code: 'target-misconfigured',
      facts: { reason: `there is no program ${join(dir, 'no-such-program')}` },
    });
    expect(await deploy(target)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(`was not started: there is no program ${join(dir, 'no-such-program')}`),
    });
    const elsewhere = await open('', { deploy: ['./here.sh'], cwd: 'nowhere' });
    expect(await deploy(elsewhere, order, 'p-1/deploy-2')).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(`there is no folder ${join(dir, 'nowhere')} to start ./here.sh in`),
    });
    await writeFile(join(dir, 'plain.txt'), '', { mode: 0o600 });
    await expect((await open('', { deploy: ['./plain.txt'] })).preflight()).rejects.toMatchObject({
      facts: { reason: `${join(dir, 'plain.txt')} is not executable` },
    });
    expect(await (await open('')).preflight()).toContain('can be run');
  });
});

describe('a deployment that outlives the bot', () => {
  test('is started once for each key', async () => {
    const target = await open(COUNTING);
    const handles = await Promise.all([1, 2, 3, 4].map(() => target.start(order, 'p-1/deploy-1')));
    expect(new Set(handles.map((handle) => handle.id)).size).toBe(1);
    const [handle] = handles as [DeployHandle];
    await untilDone(target, handle);
    expect(await target.start(order, 'p-1/deploy-1')).toEqual(handle);
    expect(await ran()).toEqual(['v1.3.0']);
    await deploy(target, order, 'p-1/deploy-2');
    expect(await ran()).toEqual(['v1.3.0', 'v1.3.0']);
  });

  test('goes on after kill -9 of the bot, and another process follows it to its end', async () => {
    const target = await open(
      `${COUNTING} console.log('working'); await new Promise((go) => setTimeout(go, 1200));`,
    );
    // The bot: a process of its own that starts the deployment, tells its handle and is killed.
    const bot = spawn(process.execPath, ['--input-type=module', '-e', await BOT(dir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = await new Promise<string>((resolve) =>
      bot.stdout.once('data', (data: Buffer) => resolve(String(data))),
    );
    bot.kill('SIGKILL');
    await new Promise((resolve) => bot.once('exit', resolve));
    const handle = JSON.parse(told) as DeployHandle;
    expect(await target.follow(order, handle)).toMatchObject({ kind: 'running' });
    expect(await target.start(order, 'p-9/deploy-1')).toEqual(handle);
    expect(await untilDone(target, handle)).toMatchObject({ kind: 'succeeded' });
    expect(await ran()).toEqual(['v1.3.0']);
  });

  test('is started when the bot died between writing the order and starting it', async () => {
    const target = await open(COUNTING);
    const handle = await target.start(order, 'k');
    await untilDone(target, handle);
    for (const file of await readdir(folderOf(handle))) {
      if (file !== 'order.json') await rm(join(folderOf(handle), file));
    }
    expect(await target.start(order, 'k')).toEqual(handle);
    expect(await untilDone(target, handle)).toMatchObject({ kind: 'succeeded' });
    expect(await ran()).toHaveLength(2);
  });

  test('is a failure when its supervisor is lost, never a success', async () => {
    const target = await open('setInterval(() => {}, 1000); console.log("up")');
    const handle = await target.start(order, 'k');
    await vi.waitFor(
      async () => expect(await target.follow(order, handle)).toMatchObject({ detail: 'up' }),
      5_000,
    );
    const child = await pidOf(handle, 'child');
    started.push(child);
    process.kill(await pidOf(handle, 'supervisor'), 'SIGKILL');
    await vi.waitFor(
      async () =>
        expect(await target.follow(order, handle)).toMatchObject({
          kind: 'running',
          detail: expect.stringContaining('supervisor is gone'),
        }),
      5_000,
    );
    process.kill(child, 'SIGKILL');
    expect(await untilDone(target, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /^The command was lost before it ended: its supervisor was ended: by force/,
      ),
      log: ['up'],
    });
  });

  test('is ended by a cancel, or when it is overdue, also without its supervisor', async () => {
    const target = await open('setInterval(() => {}, 1000);', { timeout: '1h' });
    for (const how of ['cancel', 'overdue']) {
      const handle = await target.start(order, how);
      const child = await vi.waitFor(() => pidOf(handle, 'child'), 5_000);
      started.push(child);
      process.kill(await pidOf(handle, 'supervisor'), 'SIGKILL');
      if (how === 'cancel') await target.cancel?.(handle);
      const status = await untilDone(target, how === 'cancel' ? handle : { ...handle, startedAt: 0 });
      expect(status).toMatchObject({ kind: 'failed', reason: expect.stringContaining('was lost') });
    }
  });

  test('is a failure when another process has the number of its supervisor', async () => {
    const target = await open('');
    const handle = await target.start(order, 'k');
    await untilDone(target, handle);
    await rm(join(folderOf(handle), 'end.json'));
    await writeFile(
      join(folderOf(handle), 'supervisor.json'),
      JSON.stringify({ pid: process.pid, born: '1 other-boot' }),
    );
    expect(await target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('lost before it ended: the machine restarted'),
    });
    await writeFile(join(folderOf(handle), 'supervisor.log'), 'at x\nError: no order in here\n    at y\n');
    expect(await target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('its supervisor failed (Error: no order in here)'),
    });
  });

  test('is a failure on a machine that knows nothing of it', async () => {
    const target = await open('');
    const handle: DeployHandle = { id: 'elsewhere-123', startedAt: 0, state: {} };
    expect(await target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('another data folder'),
    });
  });
});

describe('what is live', () => {
  test('is what was deployed last, without a live command', async () => {
    const target = await open('process.exitCode = process.env.SLIPWAY_KEY === "bad" ? 1 : 0');
    expect(await target.live()).toBeNull();
    await deploy(target, { ...order, release: OLD }, 'one');
    await deploy(target, { ...order, from: OLD }, 'two');
    await deploy(target, { ...order, from: NEW }, 'bad');
    expect(await target.live()).toMatchObject({ commit: NEW.commit, version: '1.3.0' });
    await deploy(target, back, 'three');
    expect(await target.live()).toMatchObject({ commit: OLD.commit, version: '1.2.0' });
  });

  test('is what the live command prints', async () => {
    await writeFile(
      join(dir, 'live.mjs'),
      `import { readFileSync } from 'node:fs'; console.log(readFileSync('live.txt', 'utf8'));`,
    );
    const target = await open('', { live: [process.execPath, 'live.mjs'] });
    const says = async (text: string) => {
      await writeFile(join(dir, 'live.txt'), text);
      return target.live();
    };
    expect(await says(NEW.commit)).toEqual({ commit: NEW.commit });
    expect(await says(JSON.stringify({ sha: NEW.commit, version: 'v1.3.0', id: 7 }))).toEqual({
      commit: NEW.commit,
      version: '1.3.0',
      deploymentId: '7',
    });
    expect(await says('v1.2.0')).toEqual({ commit: '', version: '1.2.0' });
    expect(await says('')).toBeNull();
    await deploy(target, { ...order, release: OLD });
    expect(await says('1.2.0\n')).toEqual({ commit: OLD.commit, version: '1.2.0' });
    await expect(says('all is well')).rejects.toMatchObject({ code: 'target-live-not-understood' });
    await expect(says('{"commit":"abc"}')).rejects.toMatchObject({ code: 'target-live-not-understood' });
    await rm(join(dir, 'live.txt'));
    await expect(target.live()).rejects.toMatchObject({
      name: 'Unavailable',
      what: 'production',
      remedy: `As the account of the bot, in ${dir}, run ${process.execPath} live.mjs to see all that the live command says; then re-check.`,
    });
    const spaced = await open('', { live: [process.execPath, '-e', "console.log('a b')"] });
    await expect(spaced.live(AbortSignal.abort())).rejects.toMatchObject({
      reason: `${process.execPath} did not answer in time`,
      remedy: expect.stringContaining(String.raw`-e 'console.log('\''a b'\'')' to see`),
    });
  });

  test('stops a deployment over something that somebody else deployed', async () => {
    await writeFile(join(dir, 'live.mjs'), `console.log('${'c'.repeat(40)}')`);
    const target = await open(COUNTING, { live: [process.execPath, 'live.mjs'] });
    await expect(target.start({ ...order, from: OLD }, 'k')).rejects.toMatchObject({
      code: 'target-diverged',
    });
    expect(await ran()).toEqual([]);
  });
});

describe('rolling back', () => {
  test.each([
    ['fails', 'process.exit(1)', 'Unavailable'],
    ['prints a page', 'console.log("<!doctype html>")', 'Refusal'],
  ])('needs no live command: one that %s holds up a deployment only', async (_how, script, name) => {
    const target = await open(COUNTING, { live: [process.execPath, '-e', script] });
    await expect(target.start({ ...order, from: OLD }, 'k')).rejects.toMatchObject({ name });
    expect(await ran()).toEqual([]);
    expect(await deploy(target, back)).toMatchObject({ kind: 'succeeded' });
  });

  test('uses its own command where there is one', async () => {
    const target = await open(COUNTING, {
      rollback: [process.execPath, '-e', 'console.log("back to", process.argv[1]); process.exit(4)', '{tag}'],
    });
    expect(await deploy(target, back)).toMatchObject({ kind: 'failed', log: ['back to v1.2.0'] });
    expect(await ran()).toEqual([]);
  });

  test('is refused beforehand when the check says that the release is gone', async () => {
    await mkdir(join(dir, 'images'));
    await writeFile(join(dir, 'images', 'v1.3.0'), '');
    const script = `import { existsSync } from 'node:fs';
      if (process.argv[2] !== '{tag}' && !existsSync('images/' + process.argv[2])) { console.error('no image', process.argv[2]); process.exit(1); }`;
    await writeFile(join(dir, 'check.mjs'), script);
    const target = await open('', { check: [process.execPath, 'check.mjs', '{tag}'] });
    expect(await target.preflight()).toContain('ready');
    expect(await target.deployable(NEW)).toContain('can be deployed');
    await expect(target.deployable(OLD)).rejects.toMatchObject({
      code: 'release-not-deployable',
      facts: { reason: 'no image v1.2.0' },
    });
  });

  test('a check that hangs is a platform that does not answer', async () => {
    const target = await open('', { check: [process.execPath, '-e', 'setInterval(() => {}, 1000)'] });
    const signal = AbortSignal.timeout(150);
    await expect(target.preflight(signal)).rejects.toMatchObject({ name: 'Unavailable' });
    await sleep(0);
  });
});

/** Source of a bot that starts a deployment with the compiled target, prints the handle and waits to be killed. */
async function BOT(dir: string): Promise<string> {
  const module = await compiledModule('adapters/targets/command/command');
  const settings = {
    use: 'command',
    deploy: [process.execPath, 'deploy.mjs'],
    cwd: '.',
    env: [],
    secrets: [],
    timeout: 60_000,
    'not-undone': [],
  };
  const context = { service: 'shop', dataDir: join(dir, 'data'), configDir: dir };
  return `import { openCommand } from ${JSON.stringify(module)};
    const context = { ...${JSON.stringify(context)}, now: Date.now, secret: () => '' };
    const handle = await openCommand(${JSON.stringify(settings)}, context).start(${JSON.stringify(order)}, 'p-9/deploy-1');
    console.log(JSON.stringify(handle));
    setInterval(() => {}, 1000);`;
}
