import { createHash } from 'node:crypto';
import type { Slack } from '../../src/adapters/slack/port.ts';
import { concerns } from '../../src/domain/audit/concerns.ts';
import type { AuditEntry, AuditSource } from '../../src/domain/audit/entry.ts';
import type { FormChoice, Subscription } from '../../src/domain/habits/habits.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import {
  EVERYTHING,
  type Lock,
  lockAudit,
  lockOver,
  unlockAudit,
  type WantedLock,
} from '../../src/domain/policy/lock.ts';
import type { Debt, Override } from '../../src/domain/policy/override.ts';
import type { PromptOutcome, StoredPrompt } from '../../src/domain/promotion/asking/prompt.ts';
import { ASKING, type Deciders, decidersOf } from '../../src/domain/promotion/deciders.ts';
import {
  type KnownRelease,
  type OwnCommit,
  ownCommitAudit,
  releasesOf,
} from '../../src/domain/promotion/known-release.ts';
import type { Approval, Promotion, PromotionRequest } from '../../src/domain/promotion/promotion.ts';
import {
  isOpen,
  mayStillSayNo,
  movesOn,
  runOf,
  WAITING_STATES,
} from '../../src/domain/promotion/promotion.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { adoptionAudit } from '../../src/domain/release/adoption.ts';
import type { Sha } from '../../src/domain/release/release.ts';
import {
  alreadyPlanned,
  notStarted,
  plannedAudit,
  type Sequence,
} from '../../src/domain/schedule/sequence.ts';
import { type DeliveredRelease, deliveryOf } from '../../src/domain/statistics/delivery.ts';
import { canonicalJson } from '../../src/domain/text/json.ts';
import type {
  ChainCheck,
  Change,
  Claim,
  Ledger,
  MissingEnd,
  PlaceInQueue,
  QueuedRequest,
  RunDelivery,
  StoredAuditEntry,
  Undelivered,
} from '../../src/flows/run/ledger.ts';
import type { RunMessage } from '../../src/flows/run/port.ts';
import type { SequenceChange, ThreadNews } from '../../src/flows/run/stores.ts';

type Waiting = PlaceInQueue & { calledAt?: number };

/** The ledger without a database; the same contract suite runs against it and the real one. */
export class MemoryLedger implements Ledger {
  private readonly now: () => number;
  private readonly promotions = new Map<string, Promotion>();
  private readonly votes = new Map<string, Approval[]>();
  private readonly keys = new Set<string>();
  private messages: (RunDelivery & { readonly at: number })[] = [];
  private readonly claims = new Map<string, RunMessage>();
  private readonly held = new Map<string, Lock>();
  private readonly queues = new Map<string, Waiting[]>();
  private places = 0;
  private readonly shipped = new Map<string, readonly KnownRelease[]>();
  private readonly own = new Map<Sha, OwnCommit>();
  private debts: Debt[] = [];
  private readonly stored = new Map<string, Map<string, Sample>>();
  private readonly seen = new Set<string>();
  private readonly offers = new Map<string, { triedAt: number; isMade: boolean }>();
  private readonly prompts = new Map<string, StoredPrompt & { readonly isClosed: boolean }>();
  private subscribers: Subscription[] = [];
  private readonly choices = new Map<string, FormChoice>();
  private readonly sequences = new Map<string, { sequence: Sequence; isSettled: boolean }>();
  private readonly auditLog: StoredAuditEntry[] = [];

  private readonly threads: Pick<Slack, 'say' | 'refresh'> | undefined;

  /** What threads hear of decisions goes to `threads`. */
  constructor(now: () => number, threads?: Pick<Slack, 'say' | 'refresh'>) {
    this.now = now;
    this.threads = threads;
  }

  private async tellThread(id: string, told: ThreadNews | undefined): Promise<void> {
    if (told === undefined) return;
    await this.threads?.say(id, told.key, told.notice);
    await this.threads?.refresh(id);
  }

  async open(wanted: {
    readonly id: string;
    readonly request: PromotionRequest;
    readonly channel: string;
    readonly source?: AuditSource;
  }): Promise<Promotion> {
    const known = this.promotions.get(wanted.id);
    if (known) return structuredClone(known);
    const { service } = wanted.request;
    this.refuseSecondOpen(service, wanted.id);
    const at = this.now();
    const promotion: Promotion = {
      id: wanted.id,
      service,
      state: 'checking',
      revision: 1,
      turn: 1,
      createdAt: at,
      updatedAt: at,
      request: plain(wanted.request),
      channel: wanted.channel,
      digest: null,
      data: {},
    };
    this.promotions.set(promotion.id, promotion);
    const others = this.queue(service).filter(({ user, calledAt }) => user !== wanted.request.by || calledAt);
    this.queues.set(service, others);
    this.chain({
      actor: wanted.request.by,
      action: 'promotion.opened',
      result: 'done',
      service,
      promotionId: promotion.id,
      ...(wanted.source ? { source: wanted.source } : {}),
    });
    return structuredClone(promotion);
  }

  async get(id: string): Promise<Promotion> {
    return structuredClone(this.must(id));
  }

  async openFor(service: string): Promise<Promotion | null> {
    const found = [...this.promotions.values()].find((one) => one.service === service && isOpen(one.state));
    return found ? structuredClone(found) : null;
  }

  async recent(filter: Parameters<Ledger['recent']>[0]): Promise<readonly Promotion[]> {
    return [...this.promotions.values()]
      .reverse()
      .filter((one) => filter.service === undefined || one.service === filter.service)
      .filter((one) => filter.states === undefined || filter.states.includes(one.state))
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(filter.skip ?? 0, (filter.skip ?? 0) + filter.limit)
      .map((one) => structuredClone(one));
  }

  async newestOf(services: readonly string[]): ReturnType<Ledger['newestOf']> {
    const all = await this.recent({ limit: Number.POSITIVE_INFINITY });
    const newest = new Map<string, Promotion>();
    for (const one of all) {
      if (services.includes(one.service) && !newest.has(one.service)) newest.set(one.service, one);
    }
    return [...newest.values()].map(({ id, service, state }) => ({ id, service, state }));
  }

  async deliveries(service: string, sinceMs: number): Promise<readonly DeliveredRelease[]> {
    return [...this.promotions.values()]
      .filter((one) => one.service === service)
      .flatMap((one) => deliveryOf(one) ?? [])
      .filter(({ at }) => at >= sinceMs)
      .sort((a, b) => a.at - b.at);
  }

  async deliveredOrBack(sinceMs: number): ReturnType<Ledger['deliveredOrBack']> {
    return [...this.promotions.values()]
      .flatMap((one) => {
        const delivery = deliveryOf(one);
        const ends = [delivery?.at ?? 0, delivery?.rolledBack?.restoredAt ?? 0];
        return delivery !== null && Math.max(...ends) >= sinceMs ? [{ one, at: delivery.at }] : [];
      })
      .sort((a, b) => a.at - b.at)
      .map(({ one: { id, service, state } }) => ({ id, service, state }));
  }

  async change(id: string, change: Change): Promise<Promotion> {
    const before = this.must(id);
    const key = change.key === undefined ? null : `${id} ${change.key}`;
    if (key !== null && this.keys.has(key)) return structuredClone(before);
    if (change.from && !change.from.includes(before.state)) {
      throw new Refusal('promotion-moved-on', {
        promotion: id,
        service: before.service,
        state: before.state,
      });
    }
    const asked = [...this.claims].some(
      ([name, message]) => name.startsWith(`${id} `) && message.kind === change.unlessAsked,
    );
    if (asked)
      throw new Refusal('already-asked', { service: before.service, what: change.unlessAsked ?? '' });
    const state = change.to ?? before.state;
    if (isOpen(state)) this.refuseSecondOpen(before.service, id);
    const digest = change.digest === undefined ? before.digest : change.digest;
    const data: Record<string, unknown> = { ...before.data, ...plain(change.data ?? {}) };
    if (change.override) data['overrides'] = [...(before.data.overrides ?? []), plain(change.override)];
    for (const [name, value] of Object.entries(data)) if (value === null) delete data[name];
    const after: Promotion = {
      ...before,
      state,
      digest,
      data,
      revision: before.revision + 1,
      turn: movesOn(before, change) ? before.turn + 1 : before.turn,
      updatedAt: this.now(),
    };
    if (key !== null) this.keys.add(key);
    this.promotions.set(id, after);
    if (change.to !== undefined || change.data?.deployment !== undefined) {
      for (const release of releasesOf(after)) this.remember(after.service, release);
    }
    const { release, plan } = after.data;
    if (change.data?.release && release && plan?.release.kind === 'cut' && !this.own.has(release.commit)) {
      this.own.set(release.commit, { sha: release.commit, version: release.version });
    }
    if (change.voidApprovals || digest !== before.digest) this.void(id);
    if (change.override && !this.debts.some((debt) => debt.id === change.override?.id)) {
      const { barriers: _barriers, ...debt } = plain(change.override);
      this.debts.push({ ...debt, promotionId: id, service: before.service });
    }
    if (change.audit) this.chain({ ...change.audit, service: before.service, promotionId: id });
    await this.tellThread(id, change.told);
    return structuredClone(after);
  }

  async claim(
    id: string,
    claim: Claim,
  ): Promise<{ readonly isFirst: boolean; readonly message: RunMessage }> {
    const { service, state, turn } = this.must(id);
    const facts = { promotion: id, service, state };
    if (!claim.from.includes(state)) throw new Refusal('promotion-moved-on', facts);
    if (claim.turn !== undefined && claim.turn !== turn) throw new Refusal('card-changed', facts);
    const key = `${id} ${claim.key}`;
    const earlier = this.claims.get(key);
    if (earlier && !(claim.overrides && earlier.kind !== claim.message.kind)) {
      return { isFirst: false, message: plain(earlier) };
    }
    this.claims.set(key, plain(claim.message));
    this.tell(id, claim.message, `${claim.message.kind}:${id}:${claim.key}`);
    this.chain({ ...claim.audit, service, promotionId: id });
    return { isFirst: true, message: plain(claim.message) };
  }

  async undelivered(of: Undelivered): Promise<readonly RunDelivery[]> {
    return this.messages
      .filter((one) => ('run' in of ? one.run === of.run : one.at <= this.now() - of.olderThanMs))
      .map(({ at: _at, ...delivery }) => plain(delivery));
  }

  async delivered(key: string): Promise<void> {
    this.messages = this.messages.filter((one) => one.key !== key);
  }

  private tell(id: string, message: RunMessage, key: string): void {
    this.messages.push({ run: runOf(this.must(id)), message: plain(message), key, at: this.now() });
  }

  async vote(
    id: string,
    vote: Omit<Approval, 'at' | 'valid'>,
    source?: AuditSource,
    told?: (votes: readonly Approval[]) => ThreadNews,
  ): Promise<readonly Approval[]> {
    const promotion = this.must(id);
    const facts = { promotion: id, service: promotion.service, state: promotion.state };
    const isHeard =
      vote.decision === 'approve' ? promotion.state === 'awaiting-approval' : mayStillSayNo(promotion);
    if (!isHeard) throw new Refusal('promotion-moved-on', facts);
    if (promotion.digest !== vote.digest) throw new Refusal('digest-changed', facts);
    const votes = this.votes.get(id) ?? [];
    const earlier = votes.find((one) => one.by === vote.by && one.valid);
    if (earlier?.decision === vote.decision) {
      throw new Refusal('already-voted', { ...facts, by: vote.by, decision: vote.decision });
    }
    const kept = votes.map((one) => (one === earlier ? { ...one, valid: false } : one));
    this.votes.set(id, [...kept, { ...plain(vote), at: this.now(), valid: true }]);
    this.promotions.set(id, { ...promotion, revision: promotion.revision + 1, updatedAt: this.now() });
    this.chain({
      actor: vote.by,
      action: vote.decision === 'approve' ? 'approval.given' : 'approval.declined',
      result: 'done',
      service: promotion.service,
      promotionId: id,
      digestBefore: vote.digest,
      digestAfter: vote.digest,
      ...(source ? { source } : {}),
      ...(vote.reason === undefined ? {} : { detail: { reason: vote.reason } }),
    });
    this.tell(id, { kind: 'vote' }, `vote:${id}:${vote.by}:${kept.length}:${this.now()}`);
    await this.tellThread(id, told?.(this.votes.get(id) ?? []));
    return this.approvals(id);
  }

  async withdrawVote(
    id: string,
    by: string,
    source?: AuditSource,
    told?: (votes: readonly Approval[]) => ThreadNews,
  ): Promise<readonly Approval[]> {
    const promotion = this.must(id);
    const facts = { promotion: id, service: promotion.service, state: promotion.state };
    if (!mayStillSayNo(promotion)) throw new Refusal('promotion-moved-on', facts);
    const votes = this.votes.get(id) ?? [];
    const own = votes.find((one) => one.by === by && one.valid && one.decision === 'approve');
    if (!own) throw new Refusal('no-vote', { promotion: id, service: promotion.service });
    this.votes.set(
      id,
      votes.map((one) => (one === own ? { ...one, valid: false } : one)),
    );
    this.promotions.set(id, { ...promotion, revision: promotion.revision + 1, updatedAt: this.now() });
    this.chain({
      actor: by,
      action: 'approval.withdrawn',
      result: 'done',
      service: promotion.service,
      promotionId: id,
      digestBefore: own.digest,
      digestAfter: own.digest,
      ...(source ? { source } : {}),
    });
    this.tell(id, { kind: 'vote' }, `withdraw:${id}:${by}:${votes.length}:${this.now()}`);
    await this.tellThread(id, told?.(this.votes.get(id) ?? []));
    return this.approvals(id);
  }

  async approvals(id: string): Promise<readonly Approval[]> {
    return structuredClone(this.votes.get(id) ?? []);
  }

  async deciders(id: string): Promise<Deciders | null> {
    return decidersOf(this.auditLog.filter(({ promotionId }) => promotionId === id));
  }

  async wasAsked(id: string, digest: string): Promise<boolean> {
    return this.auditLog.some(
      (one) => one.promotionId === id && one.digestAfter === digest && ASKING.has(one.action),
    );
  }

  async overrides(_id: string, stored: readonly Override[]): Promise<readonly Override[]> {
    return structuredClone(stored);
  }

  async lock(lock: WantedLock, source?: AuditSource): Promise<Lock> {
    const present = await this.lockOf(lock.service);
    if (present && present.owner !== lock.owner) throw new Refusal('locked', lockFacts(present));
    return this.put(present, lock, source);
  }

  async unlock(
    service: string,
    by: string,
    source?: AuditSource,
    since?: number,
    because?: string,
    told?: (lock: Lock) => ThreadNews,
  ): Promise<Lock> {
    const present = await this.lockOf(service);
    if (!present) throw new Refusal('not-locked', { service });
    if (since !== undefined && since !== present.since) {
      throw new Refusal('lock-changed', { service, owner: present.owner, reason: present.reason });
    }
    this.held.delete(service);
    this.chain(unlockAudit(present, by, source, because));
    this.tellWaiting(present, by, 'unlocked');
    if (present.promotionId !== undefined) {
      const { revision, data, ...promotion } = this.must(present.promotionId);
      const unlocked = { ...data, unlocked: true };
      const at = { revision: revision + 1, updatedAt: this.now() };
      this.promotions.set(promotion.id, { ...promotion, ...at, data: unlocked });
      await this.tellThread(promotion.id, told?.(present));
    }
    return present;
  }

  async lockOf(service: string): Promise<Lock | null> {
    const lock = this.held.get(service);
    if (!lock || (lock.until !== undefined && lock.until <= this.now())) return null;
    return structuredClone(lock);
  }

  async locks(): Promise<readonly Lock[]> {
    const held = await Promise.all([...this.held.keys()].map((service) => this.lockOf(service)));
    return held.filter((lock) => lock !== null).sort((a, b) => a.since - b.since);
  }

  async stealLock(
    lock: WantedLock,
    source?: AuditSource,
    over?: Pick<Lock, 'since'> | null,
    told?: (lock: Lock, from: Lock) => ThreadNews | undefined,
  ): Promise<{ readonly lock: Lock; readonly from: Lock | null }> {
    const from = await this.lockOf(lock.service);
    if (over !== undefined && from !== null && from.since !== over?.since) {
      throw new Refusal('locked', lockFacts(from));
    }
    const taken = this.put(from, lock, source);
    if (from?.promotionId !== undefined) await this.tellThread(from.promotionId, told?.(taken, from));
    return { lock: taken, from };
  }

  async joinQueue(service: string, user: string, wish?: QueuedRequest): Promise<number> {
    const waiting = this.waiting(service);
    const place = waiting.findIndex((one) => one.user === user);
    const more = wish ? { wish: plain(wish) } : {};
    const known = waiting[place];
    if (known) Object.assign(known, more);
    else this.queues.set(service, [...this.queue(service), { id: `${++this.places}`, user, ...more }]);
    return known ? place + 1 : waiting.length + 1;
  }

  async firstInQueue(service: string, pauseMs = 0): Promise<PlaceInQueue | null> {
    const calledAfter = this.now() - pauseMs;
    if (this.queue(service).some(({ calledAt = -1 }) => calledAt > calledAfter)) return null;
    const [first] = this.waiting(service);
    return first ? structuredClone(first) : null;
  }

  async leaveQueue({ id }: PlaceInQueue): Promise<void> {
    const place = [...this.queues.values()].flat().find((one) => one.id === id);
    if (place) place.calledAt ??= this.now();
  }

  async waitedFor(): Promise<readonly string[]> {
    return [...this.queues.keys()].filter((service) => this.waiting(service).length > 0).sort();
  }

  async openDebts(): Promise<readonly Debt[]> {
    return structuredClone(this.debts.filter((debt) => debt.acknowledged === undefined));
  }

  async acknowledge(
    id: string,
    by: string,
    source?: AuditSource,
    told?: (settled: readonly Debt[]) => ThreadNews,
  ): Promise<readonly Debt[]> {
    const { service, ...promotion } = this.must(id);
    const open = this.debts.filter((debt) => debt.promotionId === id && debt.acknowledged === undefined);
    if (open.length === 0) throw new Refusal('debt-settled', { service });
    const theirs = open.filter((debt) => debt.by !== by);
    if (theirs.length === 0) throw new Refusal('debt-own', { service });
    const acknowledged = { by, at: this.now() };
    const isTheirs = (one: { readonly id: string }): boolean => theirs.some((debt) => debt.id === one.id);
    this.debts = this.debts.map((debt) => (isTheirs(debt) ? { ...debt, acknowledged } : debt));
    this.promotions.set(id, {
      ...promotion,
      service,
      revision: promotion.revision + 1,
      updatedAt: this.now(),
      data: {
        ...promotion.data,
        overrides: (promotion.data.overrides ?? []).map((one) =>
          isTheirs(one) ? { ...one, acknowledged } : one,
        ),
      },
    });
    for (const debt of theirs) {
      this.chain({
        actor: by,
        action: 'debt.acknowledged',
        result: 'done',
        service,
        promotionId: id,
        ...(source ? { source } : {}),
        detail: { debt: debt.id, owner: debt.by, reason: debt.reason },
      });
    }
    const settled = theirs.map((debt) => structuredClone({ ...debt, acknowledged }));
    await this.tellThread(id, told?.(settled));
    return settled;
  }

  async releases(service: string): Promise<readonly KnownRelease[]> {
    return structuredClone(this.shipped.get(service) ?? []);
  }

  async unprovenReleases(): Promise<readonly KnownRelease[]> {
    return [];
  }

  async adopt({ service, release, by }: Parameters<Ledger['adopt']>[0], source?: AuditSource): Promise<void> {
    const { version, tag, commit, build } = release;
    this.remember(service, { version, tag, commit, ...(build ? { build } : {}), how: 'adopted' });
    this.chain(adoptionAudit(service, release, by, source));
  }

  async rememberCommit(id: string, commit: OwnCommit): Promise<void> {
    const { service } = this.must(id);
    if (this.own.has(commit.sha)) return;
    this.own.set(commit.sha, commit);
    this.chain(ownCommitAudit(service, id, commit));
  }

  async ownCommits(shas: readonly Sha[]): Promise<readonly OwnCommit[]> {
    return shas.flatMap((sha) => this.own.get(sha) ?? []);
  }

  async addSamples(id: string, samples: readonly Sample[]): Promise<void> {
    this.must(id);
    const known = this.stored.get(id) ?? new Map<string, Sample>();
    for (const sample of samples) {
      const key = `${Date.parse(sample.at)} ${sample.phase}`;
      if (!known.has(key)) known.set(key, plain(sample));
    }
    this.stored.set(id, known);
  }

  async samples(id: string): Promise<readonly Sample[]> {
    const all = [...(this.stored.get(id)?.values() ?? [])];
    return structuredClone(all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)));
  }

  async plan(sequence: Sequence): Promise<void> {
    for (const { service } of sequence.services) {
      const other = [...this.sequences.values()].find(
        (one) =>
          one.sequence.end === undefined && notStarted(one.sequence).some((s) => s.service === service),
      );
      if (other) throw alreadyPlanned(service, other.sequence);
    }
    this.sequences.set(sequence.id, { sequence: plain(sequence), isSettled: false });
    this.chain(plannedAudit(sequence));
  }

  async sequence(id: string): Promise<Sequence | null> {
    const known = this.sequences.get(id);
    return known ? plain(known.sequence) : null;
  }

  async unsettled(): Promise<readonly Sequence[]> {
    return [...this.sequences.values()].filter((one) => !one.isSettled).map((one) => plain(one.sequence));
  }

  async changeSequence(
    id: string,
    change: (now: Sequence) => SequenceChange | null,
  ): Promise<Sequence | null> {
    const known = this.sequences.get(id);
    if (known === undefined) return null;
    const wanted = change(plain(known.sequence));
    if (wanted === null) return plain(known.sequence);
    const { sequence, isSettled = false, audit } = wanted;
    this.sequences.set(id, { sequence: plain(sequence), isSettled });
    if (audit) this.chain(audit);
    return plain(sequence);
  }

  async subscribe(person: string, service: string): Promise<void> {
    if (this.subscribers.some((one) => one.person === person && one.service === service)) return;
    this.subscribers.push({ person, service, since: this.now() });
  }

  async unsubscribe(person: string, service?: string): Promise<boolean> {
    const isTheirs = (one: Subscription) =>
      one.person === person && (service === undefined || one.service === service);
    const before = this.subscribers.length;
    this.subscribers = this.subscribers.filter((one) => !isTheirs(one));
    return this.subscribers.length < before;
  }

  async subscriptions(person?: string): Promise<readonly Subscription[]> {
    return this.subscribers
      .filter((one) => person === undefined || one.person === person)
      .toSorted((a, b) => (`${a.person} ${a.service}` < `${b.person} ${b.service}` ? -1 : 1));
  }

  async rememberChoice(person: string, choice: FormChoice): Promise<void> {
    this.choices.set(person, plain(choice));
  }

  async choiceOf(person: string): Promise<FormChoice | null> {
    return this.choices.get(person) ?? null;
  }

  async once(key: string): Promise<boolean> {
    const first = !this.seen.has(key);
    this.seen.add(key);
    return first;
  }

  async wasSeen(key: string): Promise<boolean> {
    return this.seen.has(key);
  }

  async seenAmong(keys: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(keys.filter((key) => this.seen.has(key)));
  }

  async forget(key: string): Promise<void> {
    this.seen.delete(key);
  }

  async tryOffer(key: string, pauseMs: number): Promise<boolean> {
    const known = this.offers.get(key);
    if (known && (known.isMade || known.triedAt > this.now() - pauseMs)) return false;
    this.offers.set(key, { triedAt: this.now(), isMade: false });
    return true;
  }

  async offerMade(key: string): Promise<void> {
    const known = this.offers.get(key);
    if (known) known.isMade = true;
  }

  async putPrompt({ key, ...wanted }: Parameters<Ledger['putPrompt']>[0]): Promise<void> {
    if (this.prompts.has(key)) return;
    const fresh = { at: this.now(), attemptedAt: null, posted: null, outcome: null, isClosed: false };
    this.prompts.set(key, structuredClone({ key, ...wanted, ...fresh }));
  }

  async openPrompts(): Promise<readonly StoredPrompt[]> {
    return [...this.prompts.values()]
      .filter(({ isClosed }) => !isClosed)
      .sort((a, b) => Number(isWaitedFor(b)) - Number(isWaitedFor(a)))
      .map(({ isClosed: _, ...stored }) => structuredClone(stored));
  }

  async openPrompt(of: Parameters<Ledger['openPrompt']>[0]): Promise<StoredPrompt | null> {
    const isIt = ({ key, posted }: StoredPrompt) =>
      typeof of === 'string' ? key === of : posted?.channel === of.channel && posted.ts === of.ts;
    return (await this.openPrompts()).find(isIt) ?? null;
  }

  async tryPrompt(key: string, pauseMs: number): Promise<boolean> {
    const known = this.prompts.get(key);
    if (known === undefined || known.isClosed || known.posted !== null) return false;
    if (known.attemptedAt !== null && known.attemptedAt > this.now() - pauseMs) return false;
    this.prompts.set(key, { ...known, attemptedAt: this.now() });
    return true;
  }

  async promptPosted(key: string, posted: NonNullable<StoredPrompt['posted']>): Promise<void> {
    const known = this.prompts.get(key);
    if (known) this.prompts.set(key, { ...known, posted });
  }

  async settlePrompt(key: string, outcome: PromptOutcome): Promise<void> {
    const known = this.prompts.get(key);
    if (known) this.prompts.set(key, { ...known, outcome: known.outcome ?? outcome });
  }

  async wakePrompt(key: string): Promise<void> {
    const known = this.prompts.get(key);
    if (!known) return;
    const { snoozedUntil: _until, ...awake } = known;
    this.prompts.set(key, awake);
  }

  async closePrompt(key: string): Promise<void> {
    const known = this.prompts.get(key);
    if (known) this.prompts.set(key, { ...known, isClosed: true });
  }

  async audit(entry: AuditEntry): Promise<void> {
    this.chain(entry);
  }

  async auditTrail(filter: Parameters<Ledger['auditTrail']>[0]): Promise<readonly StoredAuditEntry[]> {
    return [...this.auditLog]
      .reverse()
      .filter((one) => filter.promotionId === undefined || one.promotionId === filter.promotionId)
      .filter((one) => filter.service === undefined || [filter.service, '*'].includes(one.service ?? ''))
      .slice(0, filter.limit)
      .map((one) => structuredClone(one));
  }

  async *auditRows(filter: Parameters<Ledger['auditRows']>[0]): AsyncGenerator<StoredAuditEntry> {
    const { service, sinceMs = 0 } = filter;
    for (const row of this.auditLog) {
      if (row.at >= sinceMs && (service === undefined || concerns(row, service))) yield structuredClone(row);
    }
  }

  async auditHead(): Promise<null> {
    return null;
  }

  /** Set by tests. */
  lost: MissingEnd | null = null;

  async missingEnd(): Promise<MissingEnd | null> {
    return this.lost;
  }

  async auditHash(seq: number): Promise<string | null> {
    return this.auditLog[seq - 1]?.hash ?? null;
  }

  async verifyAudit(): Promise<ChainCheck> {
    return { rows: this.auditLog.length, brokenAt: null, head: this.auditLog.at(-1)?.hash ?? '' };
  }

  private must(id: string): Promotion {
    const promotion = this.promotions.get(id);
    if (!promotion) throw new Refusal('promotion-unknown', { id });
    return promotion;
  }

  private refuseSecondOpen(service: string, id: string): void {
    for (const other of this.promotions.values()) {
      if (other.id === id || other.service !== service || !isOpen(other.state)) continue;
      throw new Refusal('promotion-open', {
        service,
        promotion: other.id,
        by: other.request.by,
        state: other.state,
      });
    }
  }

  private remember(service: string, release: KnownRelease): void {
    const known = this.shipped.get(service) ?? [];
    const isKnown = known.some(
      ({ version, commit }) => version === release.version && commit === release.commit,
    );
    if (!isKnown) this.shipped.set(service, [plain(release), ...known]);
  }

  private queue(service: string): Waiting[] {
    return this.queues.get(service) ?? [];
  }

  private waiting(service: string): Waiting[] {
    return this.queue(service).filter(({ calledAt }) => calledAt === undefined);
  }

  private put(standing: Lock | null, wanted: WantedLock, source: AuditSource | undefined): Lock {
    const lock: Lock = { ...plain(lockOver(standing, wanted)), since: this.now() };
    this.held.set(lock.service, lock);
    this.chain(lockAudit(lock, standing, source));
    this.tellWaiting(lock, lock.owner, 'locked');
    return structuredClone(lock);
  }

  private tellWaiting({ service, since }: Lock, by: string, what: string): void {
    for (const { id, state, service: its } of this.promotions.values()) {
      const isAbout = service === EVERYTHING || service === its;
      if (isAbout && WAITING_STATES.includes(state)) {
        this.tell(id, { kind: 'recheck', by }, `${id}:${what}:${service}:${since}`);
      }
    }
  }

  private void(id: string): void {
    const votes = this.votes.get(id) ?? [];
    this.votes.set(
      id,
      votes.map((one) => ({ ...one, valid: false })),
    );
  }

  private chain(entry: AuditEntry): void {
    const row = { ...plain(entry), seq: this.auditLog.length + 1, at: this.now() };
    const before = this.auditLog.at(-1)?.hash ?? '';
    const hash = createHash('sha256').update(before).update(canonicalJson(row)).digest('hex');
    this.auditLog.push({ ...row, hash });
  }
}

function lockFacts(lock: Lock): Record<string, string | number> {
  return {
    service: lock.service,
    owner: lock.owner,
    reason: lock.reason,
    ...(lock.until === undefined ? {} : { until: lock.until }),
  };
}

/** As a database would hand it back: plain JSON, and no shared objects. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function isWaitedFor({ posted, snoozedUntil, outcome }: StoredPrompt): boolean {
  return (posted === null && snoozedUntil === undefined) || outcome !== null;
}
