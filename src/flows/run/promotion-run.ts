import type { Notice } from '../../domain/promotion/notice.ts';
import type {
  Promotion,
  PromotionRequest,
  StepName,
  StepProgress,
} from '../../domain/promotion/promotion.ts';
import { type Outage, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Inbox } from './inbox.ts';
import type { Change } from './ledger.ts';
import type { Run } from './port.ts';
import type { Ports } from './ports.ts';
import { unavailableOf } from './unavailable.ts';

const STEPS: readonly StepName[] = ['verify', 'approve', 'release', 'deploy', 'health', 'report', 'monitor'];
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** A stored change, a line of the card's progress, and what the thread hears of it. */
export interface Entry extends Omit<Change, 'key'> {
  readonly progress?: readonly Progress[];
  readonly notice?: Notice;
}

type Progress = { readonly name: StepName } & Pick<StepProgress, 'status' | 'detail' | 'link'>;

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

/** Writes what happens in one run into the ledger and to Slack, each entry once. */
export class PromotionRun {
  readonly id: string;
  readonly journal: Run;
  readonly ports: Ports;
  readonly inbox: Inbox;

  constructor(journal: Run, ports: Ports, promotionId: string, inbox: Inbox) {
    this.id = promotionId;
    this.journal = journal;
    this.ports = ports;
    this.inbox = inbox;
  }

  /** The first entry: the card with all steps to come, and who asked. */
  begin(): Promise<PromotionRequest> {
    return this.journal.step('begin', async () => {
      const { ledger, slack, metrics, service, clock } = this.ports;
      const { request } = await ledger.get(this.id);
      metrics?.observe(clock.now() + service.policy.approvalsExpireMs + service.monitoring.windowMs);
      await this.show({
        steps: withProgress(freshSteps(), { name: 'verify', status: 'running' }, clock.now()),
      });
      await slack.say(this.id, `${this.journal.id}:begin`, {
        kind: 'started',
        by: request.by,
        ...(request.note === undefined ? {} : { note: request.note }),
      });
      return request;
    });
  }

  /** One journaled entry; the name is its key for ever. A function is asked inside the step. */
  mark(name: string, entry: Entry | ((promotion: Promotion) => Entry | Promise<Entry>)): Promise<void> {
    return this.journal.step(name, async () => {
      await this.#write(
        name,
        typeof entry === 'function' ? await entry(await this.ports.ledger.get(this.id)) : entry,
      );
    });
  }

  async #write(name: string, entry: Entry): Promise<void> {
    const { progress, notice, ...change } = entry;
    const { ledger, slack, clock } = this.ports;
    const data = { ...change.data };
    if (progress) {
      const now = clock.now();
      const { steps } = (await ledger.get(this.id)).data;
      data.steps = progress.reduce((all, one) => withProgress(all, one, now), steps ?? freshSteps());
    }
    await ledger.change(this.id, { ...change, data, key: `${this.journal.id}:${name}` });
    if (notice) await slack.say(this.id, `${this.journal.id}:${name}`, notice);
    await slack.refresh(this.id);
  }

  /** Shows what is going on without journal or audit: for progress inside a long step. */
  async show(data: NonNullable<Change['data']>): Promise<void> {
    await this.ports.ledger.change(this.id, { data });
    await this.ports.slack.refresh(this.id);
  }

  /** Shows the last line of a running step. */
  async detail(name: StepName, detail: string, link?: string): Promise<void> {
    const { steps } = (await this.ports.ledger.get(this.id)).data;
    const progress = { name, status: 'running' as const, detail, ...(link === undefined ? {} : { link }) };
    await this.show({ steps: withProgress(steps ?? freshSteps(), progress, this.ports.clock.now()) });
  }

  /**
   * Does a step that needs something outside. While that does not answer, or lets nobody in, the run waits with
   * growing pauses, says so once, and goes on by itself. `cancellable`: a person may cancel meanwhile (throws
   * Cancelled). After `tries` it gives up (throws Unavailable).
   */
  async patiently<T>(
    name: string,
    work: (attempt: number) => Promise<T>,
    { cancellable = false, tries = Number.POSITIVE_INFINITY }: Patience = {},
  ): Promise<T> {
    let waitedFor = name;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.journal.step(attempt === 1 ? name : `${name}-retry-${attempt}`, () =>
        orWhyNot(() => work(attempt)),
      );
      if (answer.kind === 'done') {
        if (attempt > 2) {
          await this.mark(`${name}-recovered`, {
            data: { notice: null },
            notice: { kind: 'recovered', what: waitedFor },
          });
        }
        return answer.value;
      }
      const { what, reason } = answer;
      waitedFor = what;
      if (attempt >= tries) throw new Unavailable(what, reason);
      if (attempt === 2) {
        await this.mark(`${name}-trouble`, {
          data: {
            notice: { kind: 'problem', text: `Waiting for ${what}: ${reason}. Slipway keeps trying.` },
          },
          notice: { kind: 'trouble', what, reason },
        });
      }
      const pause = Math.min(LONGEST_PAUSE_MS, answer.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1));
      const message = await this.inbox.next(cancellable ? ['cancel'] : [], pause);
      if (message) throw new Cancelled(message.by, message.reason);
    }
  }
}

interface Patience {
  readonly cancellable?: boolean;
  readonly tries?: number;
}

type Answer<T> = { readonly kind: 'done'; readonly value: T } | ({ readonly kind: 'unavailable' } & Outage);

async function orWhyNot<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    const away = unavailableOf(error, true);
    if (!away) throw error;
    return { kind: 'unavailable', ...away.outage };
  }
}

function freshSteps(): readonly StepProgress[] {
  return STEPS.map((name) => ({ name, status: 'waiting' as const }));
}

/** The steps with one line moved on; times are set when its status first becomes running, done or failed. */
function withProgress(
  steps: readonly StepProgress[],
  change: Progress,
  now: number,
): readonly StepProgress[] {
  const all = steps.some((step) => step.name === change.name)
    ? steps
    : [...steps, { name: change.name, status: 'waiting' as const }];
  return all.map((step) => {
    if (step.name !== change.name) return step;
    const { detail: _detail, link: _link, finishedAt: _finished, ...kept } = step;
    const over = change.status === 'done' || change.status === 'failed';
    const restarted = change.status === 'running' && step.status !== 'running';
    return {
      ...kept,
      ...change,
      ...(change.status === 'waiting' || change.status === 'skipped'
        ? {}
        : { startedAt: restarted ? now : (step.startedAt ?? now) }),
      ...(over ? { finishedAt: now } : {}),
    };
  });
}
