import type { CardPicture, Outbox, StoredNotice, Thread } from '../../src/adapters/slack/port.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import type { DecidedAnswer } from '../../src/domain/promotion/decided-answer.ts';
import type { Notice } from '../../src/domain/promotion/notice.ts';
import type { Approval, Promotion } from '../../src/domain/promotion/promotion.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface StoredThread {
  promotion: Promotion;
  approvals: readonly Approval[];
  card: { channel: string; ts: string | null; hash: string | null; attemptedAt: number | null };
  wanted: number;
  shown: number;
  since: number;
  notices: (Writable<StoredNotice> & { ts: string | null; asks: string | null; turn: number })[];
  answers: readonly DecidedAnswer[];
  later: Thread['later'];
  picture: CardPicture;
}

/** The outbox of Slack without a database. */
export class MemoryOutbox implements Outbox {
  readonly #threads = new Map<string, StoredThread>();
  readonly #held = new Set<string>();
  readonly #listeners = new Set<(id: string) => void>();
  readonly #calls = new Map<string, readonly number[]>();
  readonly #moved = new Map<string, string>();
  readonly #now: () => number;
  #order = 0;
  /** Throws instead of recording: as if the process died, or the database went away, after the call. */
  losing: 'card' | 'notice' | null = null;
  down = false;
  samples: readonly Sample[] = [];

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Stores a promotion as it is now, without asking for it to be shown. */
  keep(promotion: Promotion, approvals: readonly Approval[] = []): void {
    const known = this.#threads.get(promotion.id);
    if (known) {
      known.promotion = promotion;
      known.approvals = approvals;
      return;
    }
    this.#threads.set(promotion.id, {
      promotion,
      approvals,
      card: { channel: promotion.channel, ts: null, hash: null, attemptedAt: null },
      wanted: 0,
      shown: 0,
      since: 0,
      notices: [],
      answers: [],
      later: null,
      picture: {},
    });
  }

  /** What people decided about it, and who began the next promotion. */
  decide(id: string, answers: readonly DecidedAnswer[], later: Thread['later'] = null): void {
    const box = this.#box(id);
    box.answers = answers;
    box.later = later;
  }

  async put(id: string, key: string, notice: Notice): Promise<void> {
    const box = this.#box(id);
    if (box.notices.some((one) => one.key === key)) return;
    this.#order += 1;
    box.notices.push({
      seq: this.#order,
      key,
      notice,
      attemptedAt: null,
      posted: null,
      uploads: {},
      ts: null,
      asks: null,
      turn: 0,
    });
    box.since ||= this.#order;
    this.#tell(id);
  }

  async markStale(id: string): Promise<void> {
    const box = this.#box(id);
    box.wanted += 1;
    this.#order += 1;
    box.since ||= this.#order;
    this.#tell(id);
  }

  async waiting(limit: number): Promise<readonly string[]> {
    if (this.down) throw new Error('the database is down');
    return [...this.#threads]
      .filter(([, box]) => box.wanted > box.shown || box.notices.some((one) => one.ts === null))
      .sort(([, a], [, b]) => a.since - b.since)
      .slice(0, limit)
      .map(([id]) => id);
  }

  async withThread(id: string, work: (thread: Thread) => Promise<void>): Promise<boolean> {
    if (this.down) throw new Error('the database is down');
    if (this.#held.has(id)) return false;
    this.#held.add(id);
    try {
      await work(this.#thread(id));
    } finally {
      this.#held.delete(id);
    }
    return true;
  }

  async byThread(channel: string, ts: string): Promise<Promotion | null> {
    const found = [...this.#threads.values()].find(
      (box) => box.card.channel === channel && box.card.ts === ts,
    );
    return found?.promotion ?? null;
  }

  async clockAhead(): Promise<number | null> {
    const [last] = [...this.#threads.values()]
      .filter(({ card }) => card.ts !== null && card.hash !== null && card.attemptedAt !== null)
      .sort((a, b) => (b.card.attemptedAt ?? 0) - (a.card.attemptedAt ?? 0));
    return last ? Number(last.card.ts) * 1_000 - (last.card.attemptedAt ?? 0) : null;
  }

  async noteCalls(key: string, change: Parameters<Outbox['noteCalls']>[1]): Promise<void> {
    this.#calls.set(key, change(this.#calls.get(key) ?? [], this.#now()));
  }

  async cardOf(id: string): Promise<{ readonly channel: string; readonly ts: string } | null> {
    const { card } = this.#box(id);
    return card.ts === null ? null : { channel: card.channel, ts: card.ts };
  }

  async messageGone(channel: string, ts: string): Promise<void> {
    for (const [id, box] of this.#threads) {
      if (box.card.channel !== channel || box.card.ts !== ts) continue;
      box.card = { ...box.card, hash: '' };
      await this.markStale(id);
    }
  }

  async channelMoved(from: string, to: string): Promise<void> {
    this.#moved.delete(to);
    this.#moved.set(from, to);
    for (const box of this.#threads.values())
      if (box.card.channel === from) box.card = { ...box.card, channel: to };
  }

  async movedChannels(): Promise<ReadonlyMap<string, string>> {
    return this.#moved;
  }

  async cardMayBeGone(id: string): Promise<void> {
    const box = this.#box(id);
    if (box.card.ts === null) return;
    box.card = { ...box.card, hash: '' };
    await this.markStale(id);
  }

  onWork(callback: (id: string) => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  /** ts of a notice by key; null while unsent. */
  sentAs(id: string, key: string): string | null {
    return this.#box(id).notices.find((one) => one.key === key)?.ts ?? null;
  }

  #thread(id: string): Thread {
    const box = this.#box(id);
    const { wanted } = box;
    const { revision } = box.promotion;
    const record = (what: 'card' | 'notice') => {
      if (this.losing === what) throw new Error('the process died before it could record');
    };
    return {
      promotion: structuredClone(box.promotion),
      approvals: structuredClone(box.approvals),
      card: { ...box.card },
      notices: box.notices
        .filter((one) => one.ts === null)
        .map(({ ts: _ts, asks: _asks, turn: _turn, ...stored }) => structuredClone(stored)),
      asking: box.notices.flatMap(({ seq, key, notice, ts, asks, turn }) =>
        ts === null || asks === null ? [] : [{ seq, key, notice, ts, asks, turn }],
      ),
      answers: box.answers,
      later: box.later,
      attempting: async (what) => this.#attempted(box, what, this.#now()),
      notTaken: async (what) => this.#attempted(box, what, null),
      cardShown: async (card) => {
        record('card');
        box.card = { ...box.card, channel: card.channel, ts: card.ts, hash: card.hash };
        if (card.isAll !== false && card.revision >= revision) box.shown = wanted;
        if (box.wanted === box.shown) box.since = 0;
      },
      samples: async () => this.samples,
      picture: () => box.picture,
      pictureIs: async (picture) => {
        box.picture = structuredClone(picture);
      },
      noticePosted: async (seq, ts) => {
        record('notice');
        for (const one of box.notices) if (one.seq === seq) one.posted = ts;
      },
      uploaded: async (seq, uploads) => {
        record('notice');
        for (const one of box.notices) if (one.seq === seq) one.uploads = uploads;
      },
      noticeSent: async (seq, ts, asks) => {
        record('notice');
        const { turn } = box.promotion;
        for (const one of box.notices) if (one.seq === seq) Object.assign(one, { ts, asks, turn });
      },
      sentAs: async (seq) => box.notices.find((one) => one.seq === seq)?.ts ?? null,
      noticeUpdated: async (seq, asks) => {
        record('notice');
        for (const one of box.notices) if (one.seq === seq) one.asks = asks;
      },
    };
  }

  #attempted(box: StoredThread, what: 'card' | number, at: number | null): void {
    if (what === 'card') box.card = { ...box.card, attemptedAt: at, hash: null };
    else for (const one of box.notices) if (one.seq === what) one.attemptedAt = at;
  }

  #box(id: string): StoredThread {
    const box = this.#threads.get(id);
    if (!box) throw new Error(`no promotion ${id}`);
    return box;
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}
