import { createHash } from 'node:crypto';
import type { WebAPIPlatformError } from '@slack/web-api';
import type { CardView } from '../../blocks/kit/views.ts';
import type { NoticeMessage } from '../../blocks/thread/content.ts';
import { notice } from '../../blocks/thread/notice.ts';
import { buttonsOf, questionOf } from '../../blocks/thread/outcome.ts';
import { chartInWords } from '../../domain/judge/chart.ts';
import { isOpen } from '../../domain/promotion/promotion.ts';
import { NotYet } from './calls.ts';
import type { Delivery } from './delivery.ts';
import { failureOf } from './errors.ts';
import { type Attachment, attachAll } from './files/deliver-files.ts';
import { findNotice, NOTICE_EVENT, orNull, recorded, timeOf } from './find-sent.ts';
import type { StoredNotice, Thread } from './port.ts';
import type { AskingNotices } from './settle-notices.ts';

/** Stands for the ts of what Slack will never show. */
export const UNDELIVERABLE = 'undeliverable';

export interface ThreadReply {
  readonly stored: StoredNotice;
  readonly channel: string;
  /** Of the card. */
  readonly ts: string;
  readonly asking: AskingNotices;
}

/** Stands for buttons that nobody knows: the message was sent by a process that died. */
const SOME_BUTTONS = 'some';

/**
 * Sends one notice and its files, once. Returns in how many ms to come back, or null when all of it is there. The message
 * is found again by its metadata, a file by its name, which holds a hash of promotion and key. One gap stays: Slack
 * shares a file some moments after the upload was completed, so a process that dies in those moments, and comes back
 * within them, uploads the file again.
 */
export async function deliverNotice(
  thread: Thread,
  delivery: Delivery,
  view: CardView,
  reply: ThreadReply,
): Promise<number | null> {
  const { stored } = reply;
  const message = notice(stored.notice, { promotion: view.promotion, service: view.service });
  const before = stored.posted ?? (await saidBefore(delivery, view, reply));
  const ts = before ?? (await say(thread, delivery, reply, message));
  const files = filesOf(message, view, stored, delivery);
  if (files.length > 0 && stored.posted === null) await thread.noticePosted(stored.seq, ts);
  const again = await attachAll(
    thread,
    delivery,
    { ...reply, isAsking: questionOf(stored.notice) !== null },
    files,
  );
  if (again !== null) return again;
  const { seq, key, notice: said } = stored;
  const asks = asksOf(message, ts, before !== null && questionOf(said) !== null);
  await recorded(delivery, thread.promotion.id, { what: seq, channel: reply.channel, ts }, () =>
    thread.noticeSent(seq, ts, asks),
  );
  if (asks !== null) reply.asking.add({ seq, key, notice: said, ts, asks, turn: view.promotion.turn });
  return null;
}

function asksOf(message: NoticeMessage, ts: string, isOlder: boolean): string | null {
  if (ts === UNDELIVERABLE) return null;
  return isOlder ? SOME_BUTTONS : buttonsOf(message);
}

/** The ts of the message when a process has sent it before it died. */
async function saidBefore(
  delivery: Delivery,
  { promotion }: CardView,
  { stored, channel, ts }: ThreadReply,
): Promise<string | null> {
  const { attemptedAt, key } = stored;
  if (attemptedAt === null) return null;
  const within = timeOf(attemptedAt, await delivery.clockAhead());
  try {
    return await orNull(delivery.log, () =>
      findNotice(delivery.calls, { channel, ts, within }, { promotion: promotion.id, key }),
    );
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== 'gone' || isOpen(promotion.state)) throw error;
    // Nobody gives a closed promotion another card, so nothing can be said there any more.
    return lost(delivery, promotion.id, stored, failure.code);
  }
}

async function say(
  thread: Thread,
  delivery: Delivery,
  reply: ThreadReply,
  message: NoticeMessage,
): Promise<string> {
  const { stored, channel } = reply;
  const { promotion } = thread;
  const urgency = message.broadcast ? 'people' : 'progress';
  await delivery.turnToPost(channel, promotion.id, urgency);
  await thread.attempting(stored.seq);
  const args = {
    channel,
    thread_ts: reply.ts,
    text: message.text,
    metadata: { event_type: NOTICE_EVENT, event_payload: { promotion: promotion.id, key: stored.key } },
    unfurl_links: false,
    unfurl_media: false,
    reply_broadcast: message.broadcast ?? false,
  };
  try {
    return (await delivery.calls.post({ ...args, blocks: message.blocks })).ts;
  } catch (error) {
    if (error instanceof NotYet) await thread.notTaken(stored.seq);
    const failure = failureOf(error);
    if (failure.kind === 'gone' && !isOpen(promotion.state))
      return lost(delivery, promotion.id, stored, failure.code);
    if (failure.kind !== 'content') throw error;
    const facts = {
      promotion: promotion.id,
      notice: stored.key,
      code: failure.code,
      details: failure.details,
    };
    delivery.log.error(facts, 'Slack refused a notice; its first sentence is sent instead');
    return plainly(delivery, stored, promotion.id, () => delivery.calls.post(args));
  }
}

async function plainly(
  delivery: Delivery,
  stored: StoredNotice,
  promotion: string,
  send: () => Promise<{ readonly ts: string }>,
): Promise<string> {
  try {
    return (await send()).ts;
  } catch (error) {
    if (failureOf(error).kind !== 'content') throw error;
    return lost(delivery, promotion, stored, (error as WebAPIPlatformError).data.error);
  }
}

/** What can never be shown must not keep the rest of the thread waiting; the audit and the card still have it. */
function lost(delivery: Delivery, promotion: string, stored: StoredNotice, code: string): string {
  delivery.log.error(
    { promotion, notice: stored.key, code },
    'a notice could not be shown in Slack and is given up',
  );
  return UNDELIVERABLE;
}

function filesOf(
  message: NoticeMessage,
  { promotion }: CardView,
  stored: StoredNotice,
  delivery: Delivery,
): readonly Attachment[] {
  const files: Attachment[] = [];
  const mark = createHash('sha256').update(`${promotion.id}\n${stored.key}`).digest('hex').slice(0, 8);
  if (message.file) {
    const { name, title, text } = message.file;
    const dot = name.lastIndexOf('.');
    files.push({
      name: `${name.slice(0, dot)}-${mark}${name.slice(dot)}`,
      title,
      bytes: async () => new TextEncoder().encode(text),
    });
  }
  const { chart } = message;
  if (chart)
    files.push({
      name: `chart-${mark}.png`,
      title: chart.title,
      alt: chartInWords(chart),
      bytes: () => delivery.drawChart(chart),
    });
  return files;
}
