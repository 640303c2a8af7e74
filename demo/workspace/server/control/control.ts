import type { Core } from '../core.ts';
import type { Ack } from '../delivery/delivery.ts';
import type { JournalEntry } from '../delivery/journal.ts';
import type { SocketMode } from '../delivery/socket-mode.ts';
import type { ChannelOption, GroupOption, UserOption } from '../state/defaults.ts';
import type { Channel, User, UserGroup } from '../state/model.ts';
import type { JsonObject } from '../strict/json.ts';
import type { Activation } from '../strict/mrkdwn.ts';
import { payloadActivations } from '../strict/mrkdwn.ts';

const COLORS = ['#3d6fb6', '#8a5a1c', '#5b7d2a', '#8c3f8f', '#2d7f86'];

/** Everything tests and demos can do to the workspace from outside. Ids and handles are both taken. */
export class Control {
  readonly #core: Core;
  readonly #socketMode: SocketMode;
  readonly #setRequestUrl: (url: string | undefined) => void;

  constructor(core: Core, socketMode: SocketMode, setRequestUrl: (url: string | undefined) => void) {
    this.#core = core;
    this.#socketMode = socketMode;
    this.#setRequestUrl = setRequestUrl;
  }

  // -------------------------------------------------------------- faults

  /** `refresh` as Slack does every few hours; `abrupt` as a broken network does. */
  disconnect(mode: 'refresh' | 'abrupt' = 'refresh'): void {
    this.#socketMode.disconnect(mode);
  }

  /** Open Socket Mode connections. */
  connections(): number {
    return this.#socketMode.connections;
  }

  /** Acknowledgements arrive `ms` later from now on; 3,000 and more means never in time. */
  delayAcks(ms: number): void {
    this.#core.delivery.ackDelayMs = ms;
  }

  /** The Web API answers `ms` later from now on. */
  delayApi(ms: number): void {
    this.#core.faults.apiDelayMs = ms;
  }

  /** The next calls of a method (`*` for any) get 429 with Retry-After in seconds. */
  rateLimit(method: string, calls = 1, retryAfterSeconds = 1): void {
    this.#core.faults.plan(method, { kind: 'rate-limit', retryAfter: retryAfterSeconds }, calls);
  }

  /** The next calls of a method (`*` for any) answer with an HTTP status. */
  failHttp(method: string, calls = 1, status = 500): void {
    this.#core.faults.plan(method, { kind: 'http', status }, calls);
  }

  /** The next calls of a method (`*` for any) answer `{ ok: false, error: code }`. */
  failWith(method: string, code: string, calls = 1): void {
    this.#core.faults.plan(method, { kind: 'error', code }, calls);
  }

  /** Histories as apps get them that are not internal: one call a minute, fifteen messages. */
  limitHistory(): void {
    this.#core.faults.scarceHistory = true;
  }

  /** Files are shared `delayMs` after they were taken; those with a text for screen readers never, with `losesDescribed`. */
  shareFiles({ delayMs = 0, losesDescribed = false }): void {
    this.#core.faults.shareDelayMs = delayMs;
    this.#core.faults.losesDescribedFiles = losesDescribed;
  }

  /** The next `count` events reach the app twice. */
  repeatEvents(count = 1): void {
    this.#core.delivery.repeat.events = count;
  }

  /** The next `count` commands, clicks and submissions reach the app twice. */
  repeatInteractions(count = 1): void {
    this.#core.delivery.repeat.interactions = count;
  }

  /** Slack is down: connections end, and nothing of the API can be reached for `ms`. */
  goDown(ms: number): void {
    this.#core.faults.downUntil = this.#core.ids.now() + ms;
    this.#socketMode.disconnect('abrupt');
  }

  /** Ends every fault. */
  recover(): void {
    this.#core.faults.clear();
    this.#core.delivery.ackDelayMs = 0;
    this.#core.delivery.repeat = { events: 0, interactions: 0 };
  }

  /** From now on events go to this address as signed requests; undefined: over Socket Mode again. */
  setRequestUrl(url: string | undefined): void {
    this.#setRequestUrl(url);
  }

  /** Something reaches the app that this workspace did not make: a forged, old or foreign payload. */
  deliver(kind: 'slash_commands' | 'interactive', payload: JsonObject): Promise<Ack> {
    return this.#core.delivery.request(kind, payload);
  }

  // -------------------------------------------------------------- what was said

  /** Web API calls, response_url posts and uploads so far, oldest first; of one method when named. */
  calls(method?: string): (JournalEntry & { readonly args: JsonObject; readonly response: JsonObject })[] {
    return this.#core.journal.calls(method);
  }

  /** Both directions. */
  journal(): readonly JournalEntry[] {
    return this.#core.journal.entries;
  }

  /** Calls and acknowledgements that Slack would refuse for their content: a test wants none. */
  violations(): JournalEntry[] {
    return this.calls().filter(
      ({ response }) =>
        response['ok'] === false &&
        typeof response['error'] === 'string' &&
        VIOLATIONS.test(response['error']),
    );
  }

  /**
   * The mentions and links that everything the app has sent so far would activate: calls, response_url posts
   * and acknowledgements.
   */
  activations(): Activation[] {
    return this.#core.journal.entries.flatMap((entry) =>
      payloadActivations(entry.direction === 'in' ? entry.args : entry.response),
    );
  }

  // -------------------------------------------------------------- people and places

  addUser(option: UserOption): User {
    const { store } = this.#core;
    return store.addUser({
      id: option.id,
      name: option.name,
      realName: option.realName ?? option.name,
      title: option.title ?? '',
      email: option.email ?? `${option.name}@${store.identity.team.domain}.example`,
      color: option.color ?? (COLORS[store.users.size % COLORS.length] as string),
      kind: option.kind ?? 'member',
      deleted: false,
      timeZone: option.timeZone ?? 'UTC',
      ...(option.team === undefined ? {} : { team: option.team }),
      ...(option.organisation === undefined ? {} : { organisation: option.organisation }),
    });
  }

  addChannel(option: ChannelOption): Channel {
    const { store } = this.#core;
    const everybody = [...store.users.values()].filter((user) => user.kind !== 'bot').map((user) => user.id);
    const members = option.members?.map((member) => this.user(member).id) ?? everybody;
    return store.addChannel({
      id: option.id,
      name: option.name,
      kind: option.kind ?? 'public',
      members: option.withoutBot === true ? members : [...members, store.identity.botUser],
      topic: option.topic ?? '',
      purpose: option.purpose ?? '',
    });
  }

  /** Adds a user group, or replaces it when there is one with that id. */
  setGroup(option: GroupOption): UserGroup {
    return this.#core.store.addGroup({
      id: option.id,
      handle: option.handle,
      name: option.name ?? option.handle,
      members: option.members.map((member) => this.user(member).id),
    });
  }

  invite(channel: string, user: string): void {
    this.#core.store.join(this.#core.store.channel(channel), this.user(user).id);
  }

  /** Takes somebody out of a channel; `bot` is the app. */
  kick(channel: string, user: string): void {
    this.#core.store.leave(this.#core.store.channel(channel), this.user(user).id);
  }

  archive(channel: string): void {
    const found = this.#core.store.channel(channel);
    found.archived = true;
    this.#core.changes.emit({ kind: 'channel', channel: found });
  }

  deactivate(user: string): void {
    this.#setDeleted(user, true);
  }

  reactivate(user: string): void {
    this.#setDeleted(user, false);
  }

  addScope(scope: string): void {
    this.#core.scopes.add(scope);
  }

  removeScope(scope: string): void {
    this.#core.scopes.delete(scope);
  }

  /** The switches of the demo have changed: open pages show it. */
  switchesChanged(): void {
    this.#core.changes.emit({ kind: 'switches' });
  }

  /** By id, handle (`ada`, `@ada`), or `bot`. Throws an Error that lists who there is. */
  user(idOrName: string): User {
    const { store } = this.#core;
    const wanted = idOrName.replace(/^@/, '');
    const found =
      store.users.get(wanted === 'bot' ? store.identity.botUser : wanted) ??
      [...store.users.values()].find((user) => user.name === wanted.replace(/^U_/, '').toLowerCase());
    if (found !== undefined) return found;
    const known = [...store.users.values()].map((user) => `${user.name} (${user.id})`).join(', ');
    throw new Error(`no user "${idOrName}"; there are: ${known}`);
  }

  #setDeleted(idOrName: string, deleted: boolean): void {
    const user = this.user(idOrName);
    user.deleted = deleted;
    this.#core.changes.emit({ kind: 'user', user });
  }
}

/** Errors that mean the app sent something wrong, not that the world was against it. */
const VIOLATIONS =
  /^(invalid_(blocks|attachments|arguments|payload|metadata|view|response|name|form|json|limit|cursor|link|types)\w*|missing_\w+|no_text|msg_\w*too_long|too_many_attachments|metadata_too_large|markdown_text_conflict|unknown_method|duplicate_external_id|not_allowed_token_type|wrong_length)$/;
