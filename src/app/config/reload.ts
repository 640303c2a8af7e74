import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { plainAnswer } from '../../blocks/replies/answer.ts';
import { type Config, isSame, readSources } from '../../config/load.ts';
import type { ConfigSources } from '../../config/parse.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { diskTrouble } from '../../domain/refusals/disk.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, type Unavailable } from '../../domain/refusals/refusal.ts';
import type { HandlerContext } from '../../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from '../../jobs/repeat.ts';
import { openServices } from '../services.ts';
import {
  atStart,
  type ConfigChange,
  changeBetween,
  hashesOf,
  type InForce,
  inForce,
  readInForce,
  writeInForce,
} from './in-force.ts';
import { heldBy, leftOpen, servicesIn, withoutHeld } from './left-open.ts';
import type { LiveServices } from './live-services.ts';
import { mustStart } from './must-start.ts';
import { type ConfigLoading, loadWhole, type WholeConfig } from './repository-files.ts';
import { transition } from './transition.ts';
import { leftBehind, openPromotions, underWay } from './under-way.ts';

interface Parts extends ConfigLoading {
  readonly live: LiveServices;
  readonly bot: Pick<HandlerContext, 'requests' | 'client' | 'channelId'>;
}

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
  /** Where services stay, or wait, for what is under way, although the files say otherwise: what that was. */
  #held: string | null = null;
  /** Settings of services that no file has any more, while a promotion of them is open. */
  #left: InForce['settings'] = {};
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

  /**
   * Writes into the audit what changed while no process ran; where the data folder takes nothing, both come later. What would take the
   * place of a service whose promotion is open is not opened.
   */
  async begin(): Promise<void> {
    const { live, log, bot } = this.#parts;
    const { config } = this.#whole;
    const { settings = {}, left = {} } = readInForce(config) ?? {};
    const before = { ...left, ...settings };
    const gone = [...servicesIn(before)].filter((name) => !config.layers.has(name));
    if (gone.length === 0) return this.#keep(false);
    const { open, busy, text } = await underWay(this.#parts.bot.requests.ledger);
    this.#left = leftOpen(before, config.layers, busy);
    const known = servicesIn(settings);
    const waiting = this.#heldBy(this.#whole, live.opened, busy, (name) => !known.has(name));
    if (waiting.size > 0) {
      live.replace(withoutHeld(live.opened, waiting), open);
      this.#held = text;
    }
    const notes = [
      ...waiting.values(),
      ...(await leftBehind(
        bot.requests.ledger,
        gone.filter((name) => known.has(name)),
      )),
    ];
    await this.#keep(false);
    if (notes.length === 0) return;
    log.warn({ notes }, 'services of before are not in the configuration any more');
    // A start does not wait for Slack.
    void this.#say(
      config,
      ['⚙️ Services of before are not in the configuration any more.', ...notes].join('\n'),
    );
  }

  /** What waits for promotions of services that are not here any more. */
  #heldBy(
    whole: WholeConfig,
    wanted: ReadonlyMap<string, unknown>,
    busy: ReadonlySet<string>,
    isNew: (name: string) => boolean,
  ): ReadonlyMap<string, string> {
    const left = leftOpen(this.#left, this.#parts.live.opened, busy);
    if (Object.keys(left).length === 0) return new Map();
    const free = [...wanted.keys()].filter((name) => !busy.has(name));
    return heldBy(left, inForce(whole).settings, new Map(free.map((name) => [name, { isNew: isNew(name) }])));
  }

  /** Each start that finds another configuration in the data folder would write to the audit: so room there comes first. */
  async #keep(isAudited: boolean): Promise<void> {
    const { config } = this.#whole;
    const before = readInForce(config);
    if (before && isDeepStrictEqual(before.hashes, hashesOf(config))) {
      this.#unkept = null;
      return;
    }
    const now = { ...inForce(this.#whole), left: this.#left };
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
  async reload(which: 'all' | 'new'): Promise<void> {
    await this.#inTurn(() => this.#take(which));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.catch(() => undefined).then(work);
    this.#turn = done.then(() => undefined);
    return done;
  }

  async #lookAtKept(): Promise<void> {
    const { live } = this.#parts;
    if (live.isAnyKept)
      await this.#inTurn(
        async () => void live.keepApproved(await openPromotions(this.#parts.bot.requests.ledger)),
      );
  }

  async #look(): Promise<void> {
    if (this.#unkept !== null) await this.#inTurn(() => this.#keep(this.#unkept?.isAudited ?? true));
    const last = this.#seen;
    const known = typeof last === 'string' ? this.#whole.sources : last;
    const now = await readSources(this.#path, known).catch((error: unknown) => String(error));
    const same = typeof now === 'string' || typeof last === 'string' ? now === last : isSame(now, last);
    const isOver =
      same && this.#held !== null && (await underWay(this.#parts.bot.requests.ledger)).text !== this.#held;
    if (same && !isOver) return;
    if (await this.#inTurn(() => this.#take('new'))) this.#seen = now;
  }

  async #lookAtRepositories(): Promise<void> {
    if (this.#whole.config.remote.size > 0) await this.reload('all');
  }

  /** Whether it came to an end; else the same files are to be looked at again. */
  async #take(which: 'all' | 'new'): Promise<boolean> {
    const { env, log, shared, live, bot } = this.#parts;
    let read: WholeConfig;
    let next: WholeConfig;
    let opened: ReturnType<typeof openServices>;
    const left = new Map<string, Refusal>();
    try {
      const isWanted = (_service: string, isKnown: boolean) => which === 'all' || !isKnown;
      read = await loadWhole(this.#path, this.#parts, this.#whole, isWanted);
      // All that this process has lies in the folder that it began with.
      next = { ...read, config: { ...read.config, dataDir: this.#whole.config.dataDir } };
      await mustStart(next.config, { env, log, slack: bot.client });
      const onRefused = (name: string, refusal: Refusal) => left.set(name, refusal);
      opened = openServices(next.config, env, log, { shared, before: live.opened, onRefused });
    } catch (error) {
      const isExpected = error instanceof Refusal;
      const refusal = isExpected ? error : new Refusal('config-unexpected', { reason: String(error) });
      await this.#trouble('', refusal, true, isExpected ? undefined : error);
      return isExpected;
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
    if (change === null && this.#held === null) return true;
    // What the database is asked for comes first: where it is away nothing has happened, and all of it is tried again.
    const { open, busy, owing, text } = await underWay(this.#parts.bot.requests.ledger);
    const gone = [...live.opened.keys()].filter((name) => !opened.has(name));
    const behind = change === null ? [] : await leftBehind(bot.requests.ledger, gone);
    if (change) await this.#audit('done', { ...change });
    this.#left = leftOpen({ ...this.#left, ...before?.settings }, next.config.layers, busy);
    const held = this.#heldBy(next, opened, busy, (name) => !live.opened.has(name));
    const {
      opened: all,
      leaving,
      waiting,
    } = transition(live.opened, withoutHeld(opened, held, live.opened), busy, owing);
    live.replace(all, open, leaving);
    this.#held = leaving.length + waiting.length + held.size > 0 ? text : null;
    this.#whole = next;
    if (before === null || after === null || change === null) return true;
    const notes = [
      ...atStart(before, after, read.config.dataDir !== this.#whole.config.dataDir),
      ...leaving.map((name) => `${name} stays until what is under way is over; nothing new starts for it.`),
      ...waiting,
      ...held.values(),
      ...behind,
    ];
    try {
      await this.#keep(this.#unkept?.isAudited ?? true);
    } finally {
      await this.#tellOf(change, next.config, notes);
    }
    return true;
  }

  /** Notes come first: Slack shows only so much of a message. */
  async #tellOf({ files, settings }: ConfigChange, config: Config, notes: readonly string[]): Promise<void> {
    const names = Object.keys(files);
    this.#parts.log.info({ files: names, settings, notes }, 'the configuration has changed and is in force');
    const text = [`⚙️ The configuration has changed: ${names.join(', ')}`, ...notes, ...settings];
    if (settings.length > 0) await this.#say(config, text.join('\n'));
  }

  /** `about`: the service whose repository it is of; empty: the files of this machine. `isKept`: there is what held before. */
  async #trouble(
    about: string,
    error: Refusal | Unavailable,
    isKept: boolean,
    err: unknown = undefined,
  ): Promise<void> {
    const isRefusal = error instanceof Refusal;
    const { text } = isRefusal ? explain(error) : { text: `${error.what} does not answer` };
    if (this.#said.get(about) === text) return;
    const { config } = this.#whole;
    const stays = isKept ? 'what held before stays in force' : `${about} cannot be shipped until then`;
    const where = about === '' ? 'The configuration' : `What the repository of ${about} says`;
    const trouble = { service: about || undefined, problem: text, err };
    this.#parts.log.error(trouble, `${where} is not taken: ${stays}`);
    // A host that is away is no mistake in a file.
    if (isRefusal) await this.#audit('refused', { code: error.code, problem: text }, about);
    this.#said.set(about, text);
    if (isRefusal) await this.#say(config, `⚠️ ${where} is not taken: ${stays}.\n${text}`);
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
