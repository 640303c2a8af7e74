import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import { liveBefore } from '../platforms/platform-order.ts';
import type { DeployHandle, DeployOrder, Target } from '../port.ts';
import { environmentOf, fillIn, orderVariables } from './environment.ts';
import { FILES, ProcessId, RunEnd, RunOrder, readOnce, writeOnce } from './folder.ts';
import { parseLive } from './live.ts';
import { type Ended, findProgram, runOnce } from './once.ts';
import { runs, signal as sendSignal } from './process.ts';
import { CommandSettings } from './settings.ts';
import { statusOf } from './status.ts';

/** Between the request to stop and the end by force, in ms. */
const GRACE_MS = 10_000;
/** `live` and `check` may take this long, in ms. */
const ASK_TIMEOUT_MS = 30_000;
/** A supervisor that has not reported by then has not started, in ms. */
const LAUNCH_TIMEOUT_MS = 10_000;
const KEPT_RUNS = 100;

export const commandTarget = defineKind({ settings: CommandSettings, open: openCommand });

/** Deploys by a command that runs on under a supervisor of its own when the bot dies. */
export function openCommand(settings: CommandSettings, context: AdapterContext): Target {
  const cwd = resolve(context.configDir, settings.cwd);
  const root = join(context.dataDir, 'command', context.service);
  const name = `command ${basename(settings.deploy[0] ?? '')}`;
  const folderOf = (id: string) => join(root, id);

  async function ask(argv: readonly string[], more: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const { variables, secretNames } = environmentOf(settings, context);
    const env = { ...variables, SLIPWAY_SERVICE: context.service, ...more };
    const ended = await runOnce({
      argv,
      cwd,
      env,
      secretNames,
      timeoutMs: ASK_TIMEOUT_MS,
      ...(signal ? { signal } : {}),
    });
    if (ended.kind === 'not-started')
      throw new Refusal('target-misconfigured', { target: name, reason: ended.reason });
    if (ended.kind === 'timeout') throw new Unavailable('production', `${argv[0]} did not answer in time`);
    return ended;
  }

  /** Runs of the past that ended well, newest first. */
  async function past(): Promise<
    readonly (RunOrder & { readonly id: string; readonly finishedAt: number })[]
  > {
    const ids = await readdir(root).catch(() => []);
    const all = await Promise.all(
      ids.map(async (id) => {
        const [order, end] = await Promise.all([
          readOnce(folderOf(id), FILES.order, RunOrder),
          readOnce(folderOf(id), FILES.end, RunEnd),
        ]);
        return order && end?.code === 0 && !end.cancelled && !end.timedOut
          ? [{ ...order, id, finishedAt: end.finishedAt }]
          : [];
      }),
    );
    return all.flat().sort((a, b) => b.finishedAt - a.finishedAt);
  }

  async function live(signal?: AbortSignal): Promise<Live | null> {
    const before = await past();
    if (settings.live === undefined) {
      const newest = before[0];
      return newest ? { commit: newest.commit, version: newest.version, deploymentId: newest.id } : null;
    }
    const ended = await ask(settings.live, { SLIPWAY_KIND: 'live' }, signal);
    if (ended.code !== 0) throw new Unavailable('production', `the live command failed: ${reasonOf(ended)}`);
    const answer = parseLive(ended.lines.join('\n'), before);
    if (answer.kind === 'live') return answer.live;
    throw new Refusal('target-live-not-understood', { target: name, said: ended.said.slice(0, 100) });
  }

  async function check(order: DeployOrder | null, signal?: AbortSignal): Promise<Ended | null> {
    if (settings.check === undefined) return null;
    const argv = order === null ? settings.check : fillIn(settings.check, order);
    return ask(
      argv,
      order === null ? { SLIPWAY_KIND: 'check' } : { ...orderVariables(order, ''), SLIPWAY_KIND: 'check' },
      signal,
    );
  }

  return {
    kind: 'command',
    name,
    notUndone: settings['not-undone'],
    ...(settings.url === undefined ? {} : { url: settings.url }),
    live,

    preflight: async (signal) => {
      const { variables } = environmentOf(settings, context);
      const programs = [settings.deploy, settings.rollback, settings.live, settings.check];
      for (const [program = ''] of programs.filter((argv) => argv !== undefined)) {
        const reason = await findProgram(program, cwd, variables['PATH'] ?? '');
        if (reason !== null) throw new Refusal('target-misconfigured', { target: name, reason });
      }
      const ended = await check(null, signal);
      if (ended?.kind === 'exited' && ended.code !== 0) {
        throw new Refusal('target-check-failed', { target: name, reason: reasonOf(ended) });
      }
      return ended === null
        ? `${settings.deploy[0]} is there and can be run.`
        : `${settings.check?.[0]} says that the platform is ready.`;
    },

    deployable: async (release: Release, signal) => {
      const ended = await check({ kind: 'rollback', service: context.service, release, from: null }, signal);
      if (ended?.kind === 'exited' && ended.code !== 0) {
        throw new Refusal('release-not-deployable', {
          tag: release.tag || release.version,
          reason: reasonOf(ended),
        });
      }
      return ended === null
        ? 'It goes through the same command as every deployment.'
        : `${settings.check?.[0]} says that it can be deployed.`;
    },

    start: async (order, key) => {
      const id = idOf(key);
      const folder = folderOf(id);
      const known = await readOnce(folder, FILES.order, RunOrder);
      if (known === null) {
        const found = await liveBefore(order, live);
        if (found !== 'unsaid') refuseIfMoved(name, order, found);
        await prune(root);
      }
      const { variables, secretNames } = environmentOf(settings, context);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeOnce(folder, FILES.order, {
        key,
        argv: fillIn((order.kind === 'rollback' ? settings.rollback : undefined) ?? settings.deploy, order),
        cwd,
        timeoutMs: settings.timeout,
        graceMs: GRACE_MS,
        secretNames: [...secretNames],
        kind: order.kind,
        commit: order.release.commit,
        version: order.release.version,
        startedAt: context.now(),
      } satisfies RunOrder);
      const env = { ...variables, ...orderVariables(order, key), SLIPWAY_OUTPUT: join(folder, FILES.output) };
      await launch(folder, env);
      const written = await readOnce(folder, FILES.order, RunOrder);
      return { id, startedAt: written?.startedAt ?? context.now(), state: {} };
    },

    follow: (_order, handle) => statusOf(folderOf(handle.id), handle, context.now(), settings.url),

    cancel: async ({ id }: DeployHandle) => {
      const folder = folderOf(id);
      const ended = () => existsSync(join(folder, FILES.end));
      const [supervisor, child] = await Promise.all([
        readOnce(folder, FILES.supervisor, ProcessId),
        readOnce(folder, FILES.child, ProcessId),
      ]);
      const supervised = async () => supervisor !== null && !ended() && (await runs(supervisor));
      if (supervisor !== null && (await supervised())) sendSignal(supervisor.pid, 'SIGTERM');
      for (let waited = 0; waited < GRACE_MS + 2_000 && (await supervised()); waited += 100) await sleep(100);
      // A command without its supervisor has nobody else to end it.
      if (!ended() && child !== null && (await runs(child))) sendSignal(-child.pid, 'SIGKILL');
    },
  };
}

/** A folder name that shows the key and is different for different keys. */
function idOf(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${key.replace(/[^\w-]+/g, '-').slice(0, 60)}-${hash}`;
}

function reasonOf(ended: Extract<Ended, { kind: 'exited' }>): string {
  const said = ended.said.slice(0, 200);
  return said === '' ? `it ended with exit code ${ended.code ?? 'unknown'}` : said;
}

/** A deployment starts from what was live when it was ordered, or finds itself done already. */
function refuseIfMoved(target: string, order: DeployOrder, live: Live | null): void {
  const found = live?.commit ?? '';
  const expected = order.from?.commit ?? '';
  if (found === '' || found === order.release.commit || found === expected) return;
  throw new Refusal('target-diverged', { target, expected: expected || 'nothing', found });
}

/** Starts a supervisor unless there is one; returns when one has reported. Two at once do no harm. */
async function launch(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const claimed = () => existsSync(join(folder, FILES.supervisor));
  if (claimed()) return;
  const trouble = openSync(join(folder, FILES.trouble), 'a');
  try {
    const child = spawn(process.execPath, [supervisorFile(), folder], {
      detached: true,
      stdio: ['ignore', 'ignore', trouble],
      env,
    });
    let failed: Error | null = null;
    let gone = false;
    child.once('error', (error) => {
      failed = error;
    });
    child.once('exit', () => {
      gone = true;
    });
    child.unref();
    for (let waited = 0; waited < LAUNCH_TIMEOUT_MS && !claimed(); waited += 20) {
      if (failed !== null || gone) break;
      await sleep(20);
    }
    if (!claimed())
      throw new Unavailable('the deploy command', 'its supervisor did not start', { cause: failed });
  } finally {
    closeSync(trouble);
  }
}

/** The compiled supervisor, also when this file runs from its source. */
function supervisorFile(): string {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.js')) return join(here, '..', 'supervisor.js');
  return join(here, '../../../../../dist/src/adapters/targets/command/supervisor.js');
}

async function prune(root: string): Promise<void> {
  const ids = await readdir(root).catch(() => []);
  if (ids.length < KEPT_RUNS) return;
  const ended = await Promise.all(
    ids.map(async (id) => ({
      id,
      at: (await readOnce(join(root, id), FILES.end, RunEnd))?.finishedAt ?? null,
    })),
  );
  const old = ended.filter((one) => one.at !== null).sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  for (const { id } of old.slice(0, ids.length - KEPT_RUNS + 1)) {
    await rm(join(root, id), { recursive: true, force: true });
  }
}
