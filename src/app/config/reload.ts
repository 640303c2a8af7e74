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
  readInForce,
  writeInForce,
} from './in-force.ts';
import type { LiveServices } from './live-services.ts';
import { mustStart } from './must-start.ts';
import { type ConfigLoading, loadWhole, type WholeConfig } from './repository-files.ts';

interface Parts extends ConfigLoading {
  readonly live: LiveServices;
  readonly bot: Pick<HandlerContext, 'requests' | 'client' | 'channelId'>;
}

/** What only the next start takes. */
const AT_START = /^(audit|operations|webhooks|keepMs)\b/;
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
  /** Services that stay until their promotion is over, although the files have them no more. */
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
      next = await loadWhole(this.#path, this.#parts, this.#whole, isWanted);
      await mustStart(next.config, { env, log, slack: this.#parts.bot.client });
      const onRefused = (name: string, refusal: Refusal) => left.set(name, refusal);
      opened = openServices(next.config, env, log, { shared, before: live.opened, onRefused });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#trouble('', error, true);
    }
    this.#said.delete('');
    for (const name of next.config.remote.keys()) {
      const trouble = next.troubles.get(name) ?? left.get(name);
      if (trouble) await this.#trouble(name, trouble, opened.has(name));
      else if (which === 'all') this.#said.delete(name);
    }
    const isOther = !isDeepStrictEqual(hashesOf(this.#whole.config), hashesOf(next.config));
    const after = isOther ? inForce(next) : null;
    const change = after && changeBetween(inForce(this.#whole), after);
    if (change === null && !this.#held) return;
    if (change) await this.#audit('done', { ...change });
    const open = await this.#open();
    const kept = [...live.opened].filter(
      ([name]) => !opened.has(name) && open.some(({ service }) => service === name),
    );
    live.replace(new Map([...opened, ...kept]), open);
    this.#held = kept.length > 0;
    this.#whole = next;
    if (change === null || after === null) return;
    await this.#keep(this.#unkept?.isAudited ?? true);
    await this.#tellOf(
      change,
      next.config,
      kept.map(([name]) => name),
    );
  }

  async #tellOf({ files, settings }: ConfigChange, config: Config, kept: readonly string[]): Promise<void> {
    const names = Object.keys(files);
    this.#parts.log.info({ files: names, settings }, 'the configuration has changed and is in force');
    const late = settings.filter((line) => AT_START.test(line)).length > 0;
    const rest = [
      ...(late ? ['audit, operations, webhooks and keep hold from the next start on.'] : []),
      ...kept.map((name) => `${name} stays until its promotion is over.`),
    ];
    const text = [`⚙️ The configuration has changed: ${names.join(', ')}`, ...settings, ...rest];
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
