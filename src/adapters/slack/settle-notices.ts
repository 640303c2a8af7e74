import type { CardView } from '../../blocks/kit/views.ts';
import type { NoticeMessage } from '../../blocks/thread/content.ts';
import { notice } from '../../blocks/thread/notice.ts';
import { buttonsOf, questionOf } from '../../blocks/thread/outcome.ts';
import { NotYet } from './calls.ts';
import type { Delivery } from './delivery.ts';
import { failureOf } from './errors.ts';
import { NOTICE_EVENT } from './find-sent.ts';
import type { AskingNotice, Thread } from './port.ts';

/**
 * The notices of a thread that were sent with buttons. Once a button decides nothing any more, its message says what
 * became of it instead: what it should show is read from what is stored, so a process that died in between is no matter.
 */
export class AskingNotices {
  readonly #thread: Thread;
  readonly #delivery: Delivery;
  readonly #view: CardView;
  readonly #open: AskingNotice[];

  constructor(thread: Thread, delivery: Delivery, view: CardView) {
    this.#thread = thread;
    this.#delivery = delivery;
    this.#view = view;
    this.#open = [...thread.asking];
  }

  /** Whether all of them show what they should. */
  get isSettled(): boolean {
    return this.#open.every((asking) => !this.#isOutdated(asking));
  }

  /** One more was just sent. */
  add(sent: AskingNotice): void {
    this.#open.push(sent);
  }

  /** Brings them up to date, as far as Slack takes it now. In how many ms to come back; null: all are. */
  async settle(channel: string): Promise<number | null> {
    for (const asking of [...this.#open]) {
      if (!this.#isOutdated(asking)) continue;
      const wait = await this.#delivery.turnToUpdate(this.#view.promotion.id, 'state');
      if (wait > 0) return wait;
      try {
        await this.#update(channel, asking);
      } catch (error) {
        if (error instanceof NotYet) return error.ms;
        throw error;
      }
    }
    return null;
  }

  #isOutdated(asking: AskingNotice): boolean {
    return buttonsOf(this.#messageOf(asking)) !== asking.asks;
  }

  #messageOf({ seq, notice: said, turn }: AskingNotice): NoticeMessage {
    const { promotion, service } = this.#view;
    const { answers, later } = this.#thread;
    const question = questionOf(said);
    const isRepeated = this.#open.some((other) => other.seq > seq && questionOf(other.notice) === question);
    return notice(said, { promotion, service, asked: { turn, answers, later, isRepeated } });
  }

  async #update(channel: string, asking: AskingNotice): Promise<void> {
    const { key, seq, ts } = asking;
    const { text, blocks } = this.#messageOf(asking);
    const asks = buttonsOf({ blocks });
    const metadata = {
      event_type: NOTICE_EVENT,
      event_payload: { promotion: this.#view.promotion.id, key },
    };
    try {
      await this.#delivery.calls.update({ channel, ts, text, blocks, metadata });
    } catch (error) {
      if (error instanceof NotYet) throw error;
      const { kind, code } = failureOf(error);
      // Somebody deleted it, or its workspace lets nobody edit what is older: then it stays as it is.
      if (kind !== 'gone' && kind !== 'content') throw error;
      this.#delivery.log.warn({ notice: key, code }, 'a notice keeps buttons that decide nothing any more');
    }
    await this.#thread.noticeUpdated(seq, asks);
    const index = this.#open.indexOf(asking);
    if (asks === null) this.#open.splice(index, 1);
    else this.#open[index] = { ...asking, asks };
  }
}
