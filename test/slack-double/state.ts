import { EventEmitter } from 'node:events';
import type { KnownBlock } from '@slack/types';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly real: string;
  readonly isGuest?: boolean;
}

export interface SentFile {
  readonly id: string;
  readonly name: string;
  title: string;
  bytes: Buffer;
  readonly altText?: string;
  isComplete: boolean;
  /** Slack has looked at what is in it. */
  isSeen?: boolean;
  /** Where it is shown: channel to the ts of the message. */
  readonly shares: Map<string, string>;
}

export interface SentMessage {
  readonly type: 'message';
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  text: string;
  blocks?: KnownBlock[];
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
  thread_ts?: string;
  broadcast?: boolean;
  files?: SentFile[];
  edited?: { readonly user: string; readonly ts: string };
  readonly ephemeralTo?: string;
}

export interface OpenView {
  readonly id: string;
  readonly user: string;
  hash: string;
  definition: { readonly type: string; readonly blocks: KnownBlock[]; readonly [key: string]: unknown };
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly members: Set<string>;
  readonly messages: SentMessage[];
}

/** Slack's words for what it does not do. */
export class SlackNo extends Error {
  readonly code: string;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(code: string, more: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.more = more;
  }
}

export const TEAM = { id: 'T0DOUBLE', domain: 'double' } as const;
export const APP = { id: 'A0DOUBLE', bot: 'B0DOUBLE', user: 'U0SLIPWAY' } as const;

const PEOPLE: readonly Person[] = [
  { id: 'U0ADA', name: 'ada', real: 'Ada' },
  { id: 'U0GRACE', name: 'grace', real: 'Grace' },
  { id: 'U0LINUS', name: 'linus', real: 'Linus' },
  { id: 'U0MARGARET', name: 'margaret', real: 'Margaret' },
  { id: 'U0ELLA', name: 'ella', real: 'Ella', isGuest: true },
];

/** What there is in the workspace. Emits `change` whenever something is new. */
export class State extends EventEmitter {
  readonly people = new Map(PEOPLE.map((person) => [person.id, person]));
  readonly groups = [{ id: 'S0RELEASERS', handle: 'releasers', users: ['U0ADA', 'U0GRACE'] }];
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, SentFile>();
  readonly views = new Map<string, OpenView>();
  readonly homes = new Map<string, OpenView>();
  readonly ephemeral: SentMessage[] = [];
  /** When each trigger ends to be of use, ms since the epoch, and whose it is. */
  readonly triggers = new Map<string, { readonly until: number; readonly user: string }>();
  /** Uses that are left of a response_url, and when it ends. */
  readonly responses = new Map<
    string,
    {
      left: number;
      readonly until: number;
      readonly user: string;
      readonly channel: string;
      readonly about?: SentMessage;
    }
  >();
  /** Files with a text for screen readers are taken and shared nowhere. */
  losesDescribedFiles = false;
  #serial = 0;
  #lastTs = 0;

  constructor() {
    super();
    this.setMaxListeners(100);
    this.addChannel('C0SHIP', 'ship');
  }

  addChannel(id: string, name: string): void {
    const members = new Set([...this.people.keys(), APP.user]);
    this.channels.set(id, { id, name, members, messages: [] });
  }

  id(prefix: string): string {
    this.#serial += 1;
    return `${prefix}${this.#serial.toString(36).toUpperCase().padStart(8, '0')}`;
  }

  /** Seconds and microseconds, never the same twice. */
  ts(): string {
    this.#lastTs = Math.max(this.#lastTs + 1, Date.now() * 1_000);
    return (this.#lastTs / 1_000_000).toFixed(6);
  }

  changed(): void {
    this.emit('change');
  }

  channel(id: string): Channel {
    const found = this.channels.get(id) ?? [...this.channels.values()].find(({ name }) => `#${name}` === id);
    if (!found) throw new SlackNo('channel_not_found');
    return found;
  }

  message(channel: string, ts: string): SentMessage {
    const found = this.channel(channel).messages.find((message) => message.ts === ts);
    if (!found) throw new SlackNo('message_not_found');
    return found;
  }

  post(message: Omit<SentMessage, 'ts' | 'type'>): SentMessage {
    const sent: SentMessage = { type: 'message', ts: this.ts(), ...message };
    this.channel(message.channel).messages.push(sent);
    this.changed();
    return sent;
  }

  whisper(message: Omit<SentMessage, 'ts' | 'type'>): SentMessage {
    const sent: SentMessage = { type: 'message', ts: this.ts(), ...message };
    this.ephemeral.push(sent);
    this.changed();
    return sent;
  }

  trigger(user: string): string {
    const id = `${Date.now()}.${this.id('1')}`;
    this.triggers.set(id, { until: Date.now() + 3_000, user });
    return id;
  }
}
