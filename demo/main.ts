import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from './script.ts';
import { startWorld, type World } from './world.ts';

const USAGE = `slipway demo [options], or in a clone: npm run demo -- [options]

  --script        run one whole promotion unattended, print it, exit 0 when shipped
  --forge KIND    where the shop's repository is: git (default), or a small github or gitlab on this machine
  --dir DIR       keep everything (remote.git, the database, logs) in DIR, which must be new or empty
  --record FILE   write every Slack call and event to FILE as NDJSON
  --port PORT     port of the page (default: 4455, or any free one when that is taken)
  --window TIME   length of the monitor's window (default: 3m; with --script 5s)`;

const DEFAULT_PORT = 4455;
/** What shells answer for Ctrl+C. */
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      script: { type: 'boolean', default: false },
      forge: { type: 'string', default: 'git' },
      dir: { type: 'string' },
      record: { type: 'string' },
      port: { type: 'string' },
      window: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const repository = values.forge;
  if (!['git', 'github', 'gitlab'].includes(repository)) {
    throw new Error(`--forge is git, github or gitlab, not ${repository}`);
  }
  const port = portOf(values.port);
  const dir = await folder(values.dir);
  const options = {
    dir,
    ...(values.record === undefined ? {} : { record: resolve(values.record) }),
    ...(repository === 'gitlab' ? { gitlab: { isProtected: true } } : {}),
    ...(repository === 'github' ? { github: { stepMs: values.script ? 50 : 800 } } : {}),
    window: values.window ?? (values.script ? '5s' : '3m'),
  };
  const stopped = stopAsked();
  let world: World | undefined;
  try {
    if (values.script) {
      world = await startWorld({ ...options, port: 0, approvals: 1 });
      const code = await Promise.race([runScript(world, (line) => console.log(line)), stopped]);
      if (code === 'stopped') return INTERRUPTED;
      const { path } = world.remote;
      console.log(
        values.dir === undefined
          ? 'Nothing is kept. With --dir DIR the git remote, the database and the logs stay in DIR.'
          : `Everything is in ${dir}; the remote is ${path}`,
      );
      return code;
    }
    console.log('Starting a small Slack, a git remote, a shop in production and Slipway …');
    world = await startWorld({ ...options, port: port ?? DEFAULT_PORT, otherPort: port === undefined });
    console.log(`\n  Open ${world.workspace.url}\n`);
    console.log('  You are Ada. Type /ship-prod shop in #ship, then switch to Grace and approve.');
    console.log(
      `  Everything is kept in ${dir}${values.dir === undefined ? ' until you stop' : ''}. Stop with Ctrl+C.`,
    );
    await keepRunning(world, stopped);
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    // The next attempt may name the same folder.
    await rm(dir, { recursive: true, force: true });
    throw new Error(`Port ${port} is taken. Name another with --port, or leave it out.`);
  } finally {
    await world?.close();
    if (values.dir === undefined) await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Ctrl+C or a closed terminal at any moment, also while things are being started: what was begun is ended and tidied
 * up. Nobody may be there to read about it any more.
 */
function stopAsked(): Promise<'stopped'> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done('stopped'));
  });
}

/** Starts the bot again when it ends by itself or is killed, as a process manager would. */
async function keepRunning(world: World, stopped: Promise<'stopped'>): Promise<void> {
  for (;;) {
    const how = await Promise.race([stopped, world.bot.ended]);
    if (how === 'stopped') return;
    console.log(`  The bot ended (${how}); starting it again. Its log: ${world.logFile}`);
    await new Promise((done) => setTimeout(done, 1_000));
    await world.startBot();
  }
}

function portOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,5}$/.test(given) || Number(given) > 65_535) {
    throw new Error(`--port is a number from 0 to 65535, not ${given}`);
  }
  return Number(given);
}

async function folder(dir: string | undefined): Promise<string> {
  if (dir === undefined) {
    const made = await mkdtemp(join(tmpdir(), 'slipway-demo-'));
    // Started as root, the database has an account of its own, which must get to its files in here.
    await chmod(made, 0o711);
    return made;
  }
  const path = resolve(dir);
  const found = await readdir(path).catch(() => []);
  if (found.length > 0) throw new Error(`${path} is not empty. Name a new folder with --dir.`);
  return path;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
