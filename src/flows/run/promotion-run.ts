import { rightsInWords } from '../../domain/policy/policy.ts';
import { callsPeople } from '../../domain/promotion/asking/undecided.ts';
import { usualDurations } from '../../domain/promotion/earlier/usual-durations.ts';
import { type DataChange, freshSteps, type PromotionEvent, withStep } from '../../domain/promotion/event.ts';
import { answersAgain, waitsFor } from '../../domain/promotion/events/ending.ts';
import { isOpen, type PromotionRequest, type StepName } from '../../domain/promotion/promotion.ts';
import { Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { Inbox } from './inbox.ts';
import type { Change } from './ledger.ts';
import type { Run } from './port.ts';
import type { Ports } from './ports.ts';
import { orWhyNot, type Patience, pauseAfter } from './unavailable.ts';

/** So many promotions of the service tell how long things usually take. */
const REMEMBERED = 20;
/**
 * What a run does between its steps is that of the edition it began with: its journal has the order of its calls. What flows
 * have done since which edition; runs from before editions have none.
 */
const SINCE = {
  /** What people said is looked for between the shares of a release. */
  asksBetweenShares: 2,
  /** What was not over is stopped before going back. */
  stopsBeforeRollback: 3,
  /**
   * A rollback goes before a retry, which stops what was not over; whoever cancels too late is told; a deployment of which
   * nothing is heard can be cancelled; another version is an answer to a release that was refused.
   */
  hearsLate: 4,
  /** A gate that is not decided is asked again beside others that are in the way; a no is heard while the release waits. */
  asksMore: 5,
  /**
   * What is said while the last tick is read is heard before the window closes, and a rollback does not wait for the last
   * report.
   */
  hearsToTheEnd: 6,
} as const;
const EDITION = Math.max(...Object.values(SINCE));

/** A person cancelled while the run waited for something outside. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly by: string;
  readonly reason: string;

  constructor(by: string, reason: string) {
    super(`cancelled by ${by}`);
    this.by = by;
    this.reason = reason;
  }
}

/**
 * What the flow of one promotion runs on: journaled steps, events that are recorded once, and patience with what is
 * outside. Names of steps may repeat: the second `deploy` of a run is journaled as `deploy-2`.
 */
export class PromotionRun {
  /** Id of the promotion. */
  readonly id: string;
  readonly journal: Run;
  readonly ports: Ports;
  readonly inbox: Inbox;
  /**
   * When this process last saw that everything holds, in ms since the epoch. What a step of an earlier life saw does
   * not count: that may be days ago.
   */
  lookedAt = Number.NEGATIVE_INFINITY;
  #edition = 1;
  readonly #counts = new Map<string, number>();

  constructor(journal: Run, ports: Ports, promotionId: string) {
    this.id = promotionId;
    this.journal = journal;
    this.ports = ports;
    this.inbox = new Inbox(journal);
  }

  /** Whether the run began when flows did this. */
  does(what: keyof typeof SINCE): boolean {
    return this.#edition >= SINCE[what];
  }

  /** The card with all steps to come, and who asked. */
  async begin(): Promise<PromotionRequest> {
    type Begun = PromotionRequest & { readonly edition?: number };
    const { edition = 1, ...request } = await this.step('begin', async (): Promise<Begun> => {
      const { ledger, slack, metrics, service, clock } = this.ports;
      const { request } = await ledger.get(this.id);
      const earlier = await ledger.recent({ service: service.name, limit: REMEMBERED });
      metrics?.observe(clock.now() + service.policy.approvalsExpireMs + service.monitoring.windowMs);
      await this.show({
        steps: withStep(freshSteps(), { name: 'verify', status: 'running' }, clock.now()),
        usual: usualDurations(earlier),
      });
      await slack.say(this.id, `${this.journal.id}:begin`, {
        kind: 'started',
        by: request.by,
        ...given({ token: request.token, note: request.note, hotfix: request.hotfix }),
        ...(earlier.length > 1 ? {} : { rights: rightsInWords(service.policy) }),
      });
      // What offers to start again is answered.
      for (const { id } of earlier) if (id !== this.id) await slack.refresh(id);
      const begun = { ...request, edition: EDITION };
      return request.overrides === undefined
        ? begun
        : { ...begun, overrides: await ledger.overrides(this.id, request.overrides) };
    });
    this.#edition = edition;
    return request;
  }

  /** How often this has been asked in this run, this time included: numbers the tries of something. */
  count(what: string): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }

  /** Does the work and remembers its JSON answer; see `Run`. */
  step<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.journal.step(this.#unique(name), work);
  }

  #unique(name: string): string {
    const count = this.count(`step ${name}`);
    return count === 1 ? name : `${name}-${count}`;
  }

  /** Stores an event with its audit, and brings card and thread up to date: once, also after a crash. */
  record(event: PromotionEvent): Promise<void> {
    const key = this.#unique(event.name);
    return this.journal.step(key, () => this.#write(`${this.journal.id}:${key}`, event));
  }

  /**
   * The same for an event of that name that is made within the step, with an answer that is journaled; undefined where a
   * journal from before has none.
   */
  recordFrom<T>(
    name: string,
    make: () => Promise<{ readonly event: PromotionEvent; readonly answer: T }>,
  ): Promise<T | undefined> {
    const key = this.#unique(name);
    return this.journal.step<T | undefined>(key, async () => {
      const { event, answer } = await make();
      await this.#write(`${this.journal.id}:${key}`, event);
      return answer;
    });
  }

  /** The same without an answer. */
  async recordMade(name: string, make: () => Promise<PromotionEvent>): Promise<void> {
    await this.recordFrom(name, async () => ({ event: await make(), answer: null }));
  }

  /** The same for an event that ends the promotion; false, and nothing is recorded, when somebody asked for a rollback. */
  async recordEnd(event: PromotionEvent): Promise<boolean> {
    const key = this.#unique(event.name);
    const answer = await this.journal.step<boolean | undefined>(key, () =>
      this.#write(`${this.journal.id}:${key}`, event, { unlessAsked: 'rollback' }).then(
        () => true,
        whenRefused(false, 'already-asked'),
      ),
    );
    // A journal from before this was asked has no answer.
    return answer !== false;
  }

  async #write(key: string, event: PromotionEvent, only: Pick<Change, 'unlessAsked'> = {}): Promise<void> {
    const { name: _name, progress, notice, asksOn = false, ...change } = event;
    const { ledger, slack, clock } = this.ports;
    const now = clock.now();
    const data = { ...change.data };
    if (event.to !== undefined && !isOpen(event.to)) data.closedAt = now;
    const { decision } = data;
    if (decision === null && !asksOn) data.asked = null;
    if (callsPeople(decision)) data.asked = (await ledger.get(this.id)).data.asked ?? { since: now };
    if (progress) {
      const { steps } = (await ledger.get(this.id)).data;
      data.steps = progress.reduce((all, one) => withStep(all, one, now), steps ?? freshSteps());
    }
    await ledger.change(this.id, { ...change, ...only, data, key });
    if (notice) await slack.say(this.id, key, notice);
    await slack.refresh(this.id);
  }

  /** The same within a step: once for each name of the event, whichever step comes upon it. */
  note(event: PromotionEvent): Promise<void> {
    return this.#write(event.name, event);
  }

  /** Shows what is going on without journal or audit: for progress inside a long step. */
  async show(data: DataChange): Promise<void> {
    await this.ports.ledger.change(this.id, { data });
    await this.ports.slack.refresh(this.id);
  }

  /** Shows the last line of a running step. */
  async detail(name: StepName, detail: string, link?: string): Promise<void> {
    const { steps } = (await this.ports.ledger.get(this.id)).data;
    const progress = { name, status: 'running' as const, detail, ...given({ link }) };
    await this.show({ steps: withStep(steps ?? freshSteps(), progress, this.ports.clock.now()) });
  }

  /**
   * Does a step that needs something outside. While that does not answer, or lets nobody in, the run waits with
   * growing pauses, says so once, and goes on by itself. Throws Cancelled when a person cancels, and Unavailable when its
   * patience ends.
   */
  async patiently<T>(
    name: string,
    work: (attempt: number) => Promise<T>,
    patience: Patience = {},
  ): Promise<T> {
    const {
      cancellable = false,
      heedsVotes = false,
      yields = false,
      tries = Number.POSITIVE_INFINITY,
    } = patience;
    const kinds = [
      ...(cancellable ? (['cancel'] as const) : []),
      ...(heedsVotes ? (['vote'] as const) : []),
      ...(yields ? (['rollback'] as const) : []),
    ];
    const unique = this.#unique(name);
    let waitedFor = name;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.journal.step(attempt === 1 ? unique : `${unique}-retry-${attempt}`, () =>
        orWhyNot(() => work(attempt)),
      );
      if (answer.kind === 'done') {
        if (attempt > 2) await this.record(answersAgain(unique, waitedFor));
        return answer.value;
      }
      const { what, reason } = answer;
      waitedFor = what;
      if (attempt >= tries) throw new Unavailable(what, reason);
      if (attempt === 2) await this.record(waitsFor(unique, what, reason));
      const pause = pauseAfter(attempt, answer.retryAfterMs, patience);
      const message = await this.inbox.next(kinds, pause);
      if (message?.kind === 'cancel') throw new Cancelled(message.by, message.reason);
      if (message?.kind === 'rollback') {
        this.inbox.putBack(message);
        throw new Unavailable(what, reason);
      }
    }
  }
}
