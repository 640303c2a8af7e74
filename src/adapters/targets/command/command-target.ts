import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { mustStillAct } from '../../../domain/operations/acting.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { environmentOf } from '../../shared/program/environment.ts';
import { type Ended, findProgram, runOnce } from '../../shared/program/run-once.ts';
import type { TargetContext } from '../context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { parseLive } from '../shared/live-answer.ts';
import { liveBefore } from '../shared/order.ts';
import { quoted } from '../shared/words.ts';
import { FILES, RunOrder, readOnce, writeOnce } from './folder.ts';
import { launch, stop } from './launch.ts';
import { fillIn, orderVariables, saysPercent } from './order.ts';
import { CommandRuns, idOf } from './runs.ts';
import type { CommandSettings } from './settings.ts';
import { statusOf } from './status.ts';

/** Between the request to stop and the end by force, in ms. */
const GRACE_MS = 10_000;
/** `live` and `check` may take this long, in ms. */
const ASK_TIMEOUT_MS = 30_000;

export type CommandContext = AdapterContext & Pick<TargetContext, 'isOwn'>;
type Exited = Extract<Ended, { kind: 'exited' }>;

/** Deploys by a command that runs on under a supervisor of its own when the bot dies. */
export class CommandTarget implements Target {
  readonly kind = 'command';
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly livesByRecord?: true;
  readonly splits: boolean;
  readonly #settings: CommandSettings;
  readonly #context: CommandContext;
  readonly #cwd: string;
  readonly #runs: CommandRuns;

  constructor(settings: CommandSettings, context: CommandContext) {
    this.name = `command ${basename(settings.deploy[0] ?? '')}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.notUndone = settings['not-undone'];
    if (settings.live === undefined) this.livesByRecord = true;
    this.splits = saysPercent(settings.deploy);
    this.#settings = settings;
    this.#context = context;
    this.#cwd = resolve(context.configDir, settings.cwd);
    this.#runs = new CommandRuns(join(context.dataDir, 'command', context.service));
  }

  /** All its programs are there, and `check` says yes. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const { deploy, rollback, live, check } = this.#settings;
    const { variables } = environmentOf(this.#settings, this.#context);
    for (const [program = ''] of [deploy, rollback, live, check].filter((argv) => argv !== undefined)) {
      const reason = await findProgram(program, this.#cwd, variables['PATH'] ?? '');
      if (reason !== null) throw new Refusal('target-misconfigured', { target: this.name, reason });
    }
    if (check === undefined) return `${deploy[0]} is there and can be run.`;
    const ended = await this.#ask(check, { SLIPWAY_KIND: 'check' }, signal);
    if (ended.code === 0) return `${check[0]} says that the platform is ready.`;
    throw new Refusal('target-check-failed', { target: this.name, reason: reasonOf(ended) });
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const past = await this.#runs.past();
    const { live } = this.#settings;
    if (live === undefined) {
      // Waves of a service have their runs in one folder.
      const newest = past.find(({ key }) => this.#context.isOwn?.(key) ?? true);
      return newest ? { commit: newest.commit, version: newest.version, deploymentId: newest.id } : null;
    }
    const remedy = `As the account of the bot, in ${this.#cwd}, run ${live.map(quoted).join(' ')} to see all that the live command says; then re-check.`;
    const ended = await this.#ask(live, { SLIPWAY_KIND: 'live' }, signal, remedy);
    if (ended.code !== 0) {
      throw new Unavailable('production', `the live command failed: ${reasonOf(ended)}`, { remedy });
    }
    const answer = parseLive(ended.lines.join('\n'), past);
    if (answer.kind === 'live') return answer.live;
    throw new Refusal('target-live-not-understood', { target: this.name, said: ended.said.slice(0, 100) });
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const { check } = this.#settings;
    if (check === undefined) return 'It goes through the same command as every deployment.';
    const order = { kind: 'rollback', service: this.#context.service, release, from: null } as const;
    const facts = { ...orderVariables(order, ''), SLIPWAY_KIND: 'check' };
    const ended = await this.#ask(fillIn(check, order), facts, signal);
    if (ended.code === 0) return `${check[0]} says that it can be deployed.`;
    const tag = release.tag || release.version;
    throw new Refusal('release-not-deployable', { tag, reason: reasonOf(ended) });
  }

  /** The folder of the key is the deployment: with its order in it nothing is started anew. */
  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const id = idOf(key);
    const folder = this.#runs.folderOf(id);
    if ((await readOnce(folder, FILES.order, RunOrder)) === null) {
      const found = await liveBefore(order, () => this.live());
      if (found !== 'unsaid') refuseIfMoved(this.name, order, found);
      await this.#runs.prune();
    }
    const { variables, secretNames } = environmentOf(this.#settings, this.#context);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeOnce(folder, FILES.order, this.#runOrder(order, key, secretNames));
    const env = { ...variables, ...orderVariables(order, key), SLIPWAY_OUTPUT: join(folder, FILES.output) };
    await mustStillAct();
    await launch(folder, env);
    const written = await readOnce(folder, FILES.order, RunOrder);
    return { id, startedAt: written?.startedAt ?? this.#context.now(), state: {} };
  }

  follow(_order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    return statusOf(this.#runs.folderOf(handle.id), handle, this.#context.now(), this.url);
  }

  cancel({ id }: DeployHandle): Promise<void> {
    return stop(this.#runs.folderOf(id), GRACE_MS);
  }

  #runOrder(order: DeployOrder, key: string, secretNames: readonly string[]): RunOrder {
    const { deploy, rollback = deploy, timeout } = this.#settings;
    return {
      key,
      argv: fillIn(order.kind === 'rollback' ? rollback : deploy, order),
      cwd: this.#cwd,
      timeoutMs: timeout,
      graceMs: GRACE_MS,
      secretNames: [...secretNames],
      kind: order.kind,
      commit: order.release.commit,
      version: order.release.version,
      startedAt: this.#context.now(),
    };
  }

  /** Runs a short command to its end. */
  async #ask(
    argv: readonly string[],
    facts: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
    remedy?: string,
  ): Promise<Exited> {
    const { variables, secretNames } = environmentOf(this.#settings, this.#context);
    const env = { ...variables, SLIPWAY_SERVICE: this.#context.service, ...facts };
    const timeoutMs = ASK_TIMEOUT_MS;
    const ended = await runOnce({ argv, cwd: this.#cwd, env, secretNames, timeoutMs, signal });
    if (ended.kind === 'exited') return ended;
    if (ended.kind === 'timeout') {
      throw new Unavailable('production', `${argv[0]} did not answer in time`, { remedy });
    }
    throw new Refusal('target-misconfigured', { target: this.name, reason: ended.reason });
  }
}

function reasonOf(ended: Exited): string {
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
