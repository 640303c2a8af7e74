import { createHash } from 'node:crypto';
import type { WebAPIPlatformError } from '@slack/web-api';
import type { CardView } from '../../blocks/kit/views.ts';
import type { NoticeMessage } from '../../blocks/thread/content.ts';
import { notice } from '../../blocks/thread/notice.ts';
import { isOpen } from '../../domain/promotion/promotion.ts';
import { NotYet } from './calls.ts';
import type { Delivery } from './delivery.ts';
import { failureOf } from './errors.ts';
import { NOTICE_EVENT, type Sent } from './find-sent.ts';
import type { StoredNotice, Thread } from './port.ts';

/** Stands for the ts of what Slack will never show. */
export const UNDELIVERABLE = 'undeliverable';

export interface ThreadReply {
  readonly stored: StoredNotice;
  /** What the thread holds already; null when nobody looked because nothing was attempted before. */
  readonly sent: Sent | null;
  readonly channel: string;
  readonly ts: string;
}

/**
 * Sends one notice and its files, once. The message is found again by its metadata, a file by its name, which
 * holds a hash of promotion and key. One gap stays: Slack shares a file some moments after the upload was
 * completed, so a process that dies in those moments, and comes back within them, uploads the file again.
 */
export async function deliverNotice(
  thread: Thread,
  delivery: Delivery,
  view: CardView,
  reply: ThreadReply,
): Promise<void> {
  const { stored, sent, channel } = reply;
  const message = notice(stored.notice, { promotion: view.promotion, service: view.service });
  const before = stored.attempted ? sent?.notices.get(stored.key) : undefined;
  const ts = before ?? (await say(thread, delivery, reply, message));
  for (const file of await filesOf(message, view, stored, delivery)) {
    if (stored.attempted && sent?.files.has(file.name)) continue;
    await attach(delivery, view, { ...file, channel, threadTs: reply.ts });
  }
  await thread.noticeSent(stored.seq, ts);
}

async function say(
  thread: Thread,
  delivery: Delivery,
  reply: ThreadReply,
  message: NoticeMessage,
): Promise<string> {
  const { stored, channel } = reply;
  const { promotion } = thread;
  const wait = delivery.posts.take(channel, delivery.now(), message.broadcast ?? false);
  if (wait > 0) throw new NotYet(wait);
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

interface Attachment {
  readonly name: string;
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly alt?: string;
}

async function filesOf(
  message: NoticeMessage,
  { promotion }: CardView,
  stored: StoredNotice,
  delivery: Delivery,
): Promise<readonly Attachment[]> {
  const files: Attachment[] = [];
  const mark = createHash('sha256').update(`${promotion.id}\n${stored.key}`).digest('hex').slice(0, 8);
  if (message.file) {
    const { name, title, text } = message.file;
    const dot = name.lastIndexOf('.');
    files.push({
      name: `${name.slice(0, dot)}-${mark}${name.slice(dot)}`,
      title,
      bytes: new TextEncoder().encode(text),
    });
  }
  if (message.chart) {
    const { title } = message.chart;
    try {
      files.push({
        name: `chart-${mark}.png`,
        title,
        alt: title,
        bytes: await delivery.drawChart(message.chart),
      });
    } catch (error) {
      delivery.log.warn({ err: error, promotion: promotion.id }, 'the chart could not be drawn');
    }
  }
  return files;
}

async function attach(
  delivery: Delivery,
  { promotion }: CardView,
  file: Attachment & { readonly channel: string; readonly threadTs: string },
): Promise<void> {
  try {
    await delivery.calls.upload(file);
  } catch (error) {
    const failure = error instanceof NotYet ? null : failureOf(error);
    if (failure === null || failure.kind === 'down') throw error;
    // The sentence is there and names where the file is committed: go on without it.
    delivery.log.error(
      { promotion: promotion.id, file: file.name, code: failure.code },
      'Slack did not take a file',
    );
  }
}
