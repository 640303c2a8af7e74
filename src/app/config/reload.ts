import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { plainAnswer } from '../../blocks/replies/answer.ts';
import { type Config, isSame, readSources } from '../../config/load.ts';
import type { ConfigSources } from '../../config/parse.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { OPEN_STATES, type Promotion } from '../../domain/promotion/promotion.ts';
import { diskTrouble } from '../../domain/refusals/disk.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, type Unavailable } from '../../domain/refusals/refusal.ts';
import type { HandlerContext } from '../../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from '../../jobs/repeat.ts';
import { openServices } from '../services.ts';
import {
  type ConfigChange,
  changeBetween,
  hashesOf,
  inForce,
  isForNextStart,
  readInForce,
  writeInForce,
} from './in-force.ts';
import type { LiveServices } from './live-services.ts';
import { mustStart } from './must-start.ts';
import { type ConfigLoading, loadWhole, type WholeConfig } from './repository-files.ts';
import { transition } from './transition.ts';

interface Parts extends ConfigLoading {
  readonly live: LiveServices;
  readonly bot: Pick<HandlerContext, 'requests' | 'client' | 'channelId'>;
}

const MOST_OPEN = 1_000;

/**
 * Brings a running bot to what the files of its configuration say. What is bad changes nothing, and is said once: in the log,
 * the audit, and the channel `slack.admins`. A promotion keeps what it was approved with; one that is not approved yet goes by
 * what holds now, which makes its approvals void where the policy is another.
 */
export class ConfigReloader {
  readonly #parts: Parts;
  #whole: WholeConfig;
  /** What the last look saw, taken or not: sources, or why they could not be read. */
  #seen: ConfigSources | string;
  /** By what is wrong: what was said of it. */
  readonly #said = new Map<string, string>();
  /** Whether services stay, or wait, for what is under way, although the files say otherwise. */
  #held = false;
  /** What is in force stands not yet in the data folder; and whether it does in the audit. */
  #unkept: { readonly isAudited: boolean } | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: Parts, whole: WholeConfig) {
    this.#parts = parts;
    this.#whole = whole;
    this.#seen = whole.sources;
  }

  get #path(): string {
    return this.#whole.config.file;
  }

  /** Writes into the audit what changed while no process ran. Where the data folder takes nothing, both come later. */
  begin(): Promise<void> {
    return this.#keep(false);
  }

  /** Each start that finds another configuration in the data folder would write to the audit: so room there comes first. */
  async #keep(isAudited: boolean): Promise<void> {
    const { config } = this.#whole;
    const before = readInForce(config);
    if (before && isDeepStrictEqual(before.hashes, hashesOf(config))) {
      this.#unkept = null;
      return;
    }
    const now = inForce(this.#whole);
    try {
      const putInPlace = writeInForce(config, now);
      const change = before && !isAudited && changeBetween(before, now);
      if (change) await this.#audit('done', { ...change });
      putInPlace();
      this.#unkept = null;
    } catch (err) {
      if (diskTrouble(String(err)) === null) throw err;
      if (this.#unkept === null)
        this.#parts.log.warn({ err }, 'which configuration is in force cannot be written down yet');
      this.#unkept = { isAudited };
    }
  }

  /** Looks at the files every ten seconds, and at those of repositories every minute. */
  start(): Repeated {
    const { log } = this.#parts;
    const trouble = 'the configuration could not be looked at';
    const files = repeat(EVERY.tenSeconds, () => this.#look(), { log, trouble, atOnce: false });
    // Also those that another replica runs.
    const kept = repeat(EVERY.tenSeconds, () => this.#lookAtKept(), { log, trouble, atOnce: false });
    const all = repeat(EVERY.minute, () => this.#lookAtRepositories(), { log, trouble, atOnce: false });
    return {
      stop: async () => {
        await Promise.all([files.stop(), kept.stop(), all.stop()]);
        await this.#turn.catch(() => undefined);
      },
    };
  }

  /** `new`: files of repositories that were taken are not read again. */
  reload(which: 'all' | 'new'): Promise<void> {
    return this.#inTurn(() => this.#take(which));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(work);
    return this.#turn;
  }

  async #lookAtKept(): Promise<void> {
    const { live } = this.#parts;
    if (live.isAnyKept) await this.#inTurn(async () => void live.keepApproved(await this.#open()));
  }

  #open(): Promise<readonly Promotion[]> {
    return this.#parts.bot.requests.ledger.recent({ states: OPEN_STATES, limit: MOST_OPEN });
  }

  async #look(): Promise<void> {
    if (this.#unkept !== null) await this.#inTurn(() => this.#keep(this.#unkept?.isAudited ?? true));
    const last = this.#seen;
    const known = typeof last === 'string' ? this.#whole.sources : last;
    const now = await readSources(this.#path, known).catch((error: unknown) => String(error));
    const same = typeof now === 'string' || typeof last === 'string' ? now === last : isSame(now, last);
    if (same && !this.#held) return;
    await this.reload('new');
    this.#seen = now;
  }

  async #lookAtRepositories(): Promise<void> {
    if (this.#whole.config.remote.size > 0) await this.reload('all');
  }

  async #take(which: 'all' | 'new'): Promise<void> {
    const { env, log, shared, live } = this.#parts;
    let next: WholeConfig;
    let opened: ReturnType<typeof openServices>;
    const left = new Map<string, Refusal>();
    try {
      const isWanted = (_service: string, isKnown: boolean) => which === 'all' || !isKnown;
      const read = await loadWhole(this.#path, this.#parts, this.#whole, isWanted);
      // All that this process has lies in the folder that it began with.
      next = { ...read, config: { ...read.config, dataDir: this.#whole.config.dataDir } };
      await mustStart(next.config, { env, log, slack: this.#parts.bot.client });
      const onRefused = (name: string, refusal: Refusal) => left.set(name, refusal);
      opened = openServices(next.config, env, log, { shared, before: live.opened, onRefused });
    } catch (error) {
      if (error instanceof Refusal) return this.#trouble('', error, true);
      log.error({ err: error }, 'the configuration could not be looked at');
      return this.#trouble('', new Refusal('config-unexpected', { reason: String(error) }), true);
    }
    this.#said.delete('');
    for (const name of next.config.remote.keys()) {
      const trouble = next.troubles.get(name) ?? left.get(name);
      if (trouble) await this.#trouble(name, trouble, opened.has(name));
      else if (which === 'all') this.#said.delete(name);
    }
    const isOther = !isDeepStrictEqual(hashesOf(this.#whole.config), hashesOf(next.config));
    const after = isOther ? inForce(next) : null;
    const before = after && inForce(this.#whole);
    const change = before && after && changeBetween(before, after);
    if (change === null && !this.#held) return;
    if (change) await this.#audit('done', { ...change });
    const open = await this.#open();
    const gone = [...live.opened.keys()].filter((name) => !opened.has(name));
    const debts = gone.length > 0 ? await this.#parts.bot.requests.ledger.openDebts() : [];
    const busy = new Set(open.map(({ service }) => service));
    const owing = new Set(debts.map(({ service }) => service));
    const { opened: all, leaving, waiting } = transition(live.opened, opened, busy, owing);
    live.replace(all, open, leaving);
    this.#held = leaving.length + waiting.length > 0;
    this.#whole = next;
    if (before === null || after === null || change === null) return;
    await this.#keep(this.#unkept?.isAudited ?? true);
    await this.#tellOf(change, next.config, [
      ...(isForNextStart(before, after)
        ? ['data, audit, operations, webhooks and keep hold from the next start on.']
        : []),
      ...leaving.map((name) => `${name} stays until what is under way is over; nothing new starts for it.`),
      ...waiting,
      ...(await this.#leftBehind(gone)),
    ]);
  }

  /** What is of no use without its service, and holds again for one of that name. */
  async #leftBehind(gone: readonly string[]): Promise<readonly string[]> {
    if (gone.length === 0) return [];
    const { ledger } = this.#parts.bot.requests;
    const [locks, waited] = await Promise.all([ledger.locks(), ledger.waitedFor()]);
    return gone.flatMap((name) => [
      ...locks
        .filter(({ service }) => service === name)
        .map(
          ({ reason }) =>
            `The lock of ${name} (${reason}) holds for that name only: lock the service anew if it has another name now.`,
        ),
      ...(waited.includes(name) ? [`People wait for ${name}, and are called for that name only.`] : []),
    ]);
  }

  /** Notes come first: Slack shows only so much of a message. */
  async #tellOf({ files, settings }: ConfigChange, config: Config, notes: readonly string[]): Promise<void> {
    const names = Object.keys(files);
    this.#parts.log.info({ files: names, settings, notes }, 'the configuration has changed and is in force');
    const text = [`⚙️ The configuration has changed: ${names.join(', ')}`, ...notes, ...settings];
    if (settings.length > 0) await this.#say(config, text.join('\n'));
  }

  /** `about`: the service whose repository it is of; empty: the files of this machine. `isKept`: there is what held before. */
  async #trouble(about: string, error: Refusal | Unavailable, isKept: boolean): Promise<void> {
    const isRefusal = error instanceof Refusal;
    const { text } = isRefusal ? explain(error) : { text: `${error.what} does not answer` };
    if (this.#said.get(about) === text) return;
    this.#said.set(about, text);
    const { config } = this.#whole;
    const stays = isKept ? 'what held before stays in force' : `${about} cannot be shipped until then`;
    const where = about === '' ? 'The configuration' : `What the repository of ${about} says`;
    this.#parts.log.error({ service: about || undefined, problem: text }, `${where} is not taken: ${stays}`);
    // A host that is away is no mistake in a file.
    if (!isRefusal) return;
    await this.#audit('refused', { code: error.code, problem: text }, about);
    await this.#say(config, `⚠️ ${where} is not taken: ${stays}.\n${text}`);
  }

  async #audit(result: 'done' | 'refused', detail: AuditEntry['detail'], service = ''): Promise<void> {
    const of = service === '' ? {} : { service };
    const entry = { actor: 'slipway', action: 'config.changed', result, ...of } as const;
    await this.#parts.bot.requests.ledger.audit({ ...entry, detail: { ...detail, host: hostname() } });
  }

  async #say({ slack }: Config, text: string): Promise<void> {
    const { client, channelId } = this.#parts.bot;
    if (slack.admins === undefined) return;
    try {
      const channel = await channelId(slack.admins);
      if (channel === null) throw new Error(`there is no channel ${slack.admins}`);
      await client.chat.postMessage({ channel, ...plainAnswer(text) });
    } catch (err) {
      this.#parts.log.warn({ err }, 'those who run Slipway could not be told of the configuration');
    }
  }
}
