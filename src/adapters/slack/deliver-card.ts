import { createHash } from 'node:crypto';
import { card, smallCard } from '../../blocks/card/card.ts';
import type { Message } from '../../blocks/kit/rich-text.ts';
import type { CardView, ServiceView } from '../../blocks/kit/views.ts';
import { isOpen, type Promotion } from '../../domain/promotion/promotion.ts';
import type { Urgency } from './budget.ts';
import { NotYet } from './calls.ts';
import { deliverNotice, UNDELIVERABLE } from './deliver-notice.ts';
import type { Delivery } from './delivery.ts';
import { failureOf } from './errors.ts';
import { nextPicture, settlePicture, withPicture } from './files/card-picture.ts';
import { CARD_EVENT, findCard, orNull, recorded, timeOf, withdrawTwins } from './find-sent.ts';
import type { Thread } from './port.ts';
import { AskingNotices } from './settle-notices.ts';

/** Closed for so long, ms, without a way in: nobody waits for it any more. */
const GIVE_UP_MS = 24 * 3_600_000;

/** Nothing goes in or out until a person changes something in Slack. */
export class Shut extends Error {
  override readonly name = 'Shut';
}

/**
 * Brings one thread up to date: the card first, then what is unsent, in order. Returns in how many ms to come
 * back (null: all is shown). Throws NotYet, Shut, or what Slack threw; whatever was done by then is recorded.
 */
export async function deliver(thread: Thread, delivery: Delivery): Promise<number | null> {
  try {
    return await bringUpToDate(thread, delivery);
  } catch (error) {
    const { promotion } = thread;
    const since = delivery.now() - (promotion.data.closedAt ?? promotion.updatedAt);
    if (isOpen(promotion.state) || since < GIVE_UP_MS || !isShut(error)) throw error;
    delivery.log.error(
      { promotion: promotion.id },
      'a closed promotion could not be shown for a day; it is given up',
    );
    await giveUp(thread);
    return null;
  }
}

async function bringUpToDate(thread: Thread, delivery: Delivery): Promise<number | null> {
  const { promotion, approvals } = thread;
  const channel = await delivery.channels.idOf(thread.card.channel);
  if (channel === null)
    throw new Shut(`there is no channel ${thread.card.channel} that the bot can see; invite it`);
  const service = delivery.serviceView(promotion.service) ?? bare(promotion.service);
  await withdrawTwins(thread, delivery);
  await settlePicture(thread, delivery);
  const view = withPicture({ promotion, approvals, service }, thread.picture());

  const asking = new AskingNotices(thread, delivery, view);
  // What is not shown as stored stays marked until it is, whichever process brings it up to date.
  const marked: Thread = {
    ...thread,
    cardShown: (shown) => thread.cardShown({ ...shown, isAll: asking.isSettled }),
  };
  const shown = await showCard(marked, delivery, view, channel);
  let again = shown.again;
  for (const stored of thread.notices) {
    try {
      const later = await deliverNotice(thread, delivery, view, {
        stored,
        channel: shown.channel,
        ts: shown.ts,
        asking,
      });
      again = sooner(again, later);
    } catch (error) {
      // A thread that may not be written to now must not keep the card from being shown.
      if (error instanceof NotYet) return sooner(again, error.ms);
      if (failureOf(error).kind !== 'gone' || !isOpen(promotion.state)) throw error;
      return (await anotherCard(thread, delivery, view, shown)).again ?? 0;
    }
  }
  const isLate = !asking.isSettled;
  again = sooner(again, await asking.settle(shown.channel));
  if (isLate && asking.isSettled && shown.again === null)
    await thread.cardShown({ ...shown, revision: promotion.revision });
  return sooner(again, await nextPicture(thread, delivery, view));
}

function sooner(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function isShut(error: unknown): boolean {
  return error instanceof Shut || (!(error instanceof NotYet) && failureOf(error).kind === 'shut');
}

/** The channel was archived or the bot thrown out, and nobody is going to decide anything there any more. */
async function giveUp(thread: Thread): Promise<void> {
  const { promotion, card: known, notices } = thread;
  const ts = known.ts ?? UNDELIVERABLE;
  await thread.cardShown({
    channel: known.channel,
    ts,
    hash: known.hash ?? '',
    revision: promotion.revision,
  });
  for (const { seq } of notices) await thread.noticeSent(seq, UNDELIVERABLE, null);
}

interface Shown {
  readonly channel: string;
  readonly ts: string;
  readonly hash: string;
  readonly again: number | null;
}

async function showCard(thread: Thread, delivery: Delivery, view: CardView, channel: string): Promise<Shown> {
  const known = thread.card.ts;
  if (known === null) {
    const found = await postedBefore(thread, delivery, channel);
    if (found === null) return post(thread, delivery, view, channel);
    await thread.cardShown({ channel, ts: found, hash: '', revision: 0 });
    return update(thread, delivery, view, { channel, ts: found, hash: '' });
  }
  return update(thread, delivery, view, { channel, ts: known, hash: thread.card.hash });
}

async function post(thread: Thread, delivery: Delivery, view: CardView, channel: string): Promise<Shown> {
  const { promotion } = thread;
  const whole = card(view);
  await delivery.turnToPost(channel, promotion.id, 'people');
  await thread.attempting('card');
  const metadata = metadataOf(promotion.id);
  const posted = await withSmaller(thread, delivery, view, whole, ({ text, blocks }) =>
    delivery.calls.post({ channel, text, blocks, metadata, unfurl_links: false, unfurl_media: false }),
  ).catch(async (error: unknown) => {
    if (error instanceof NotYet) await thread.notTaken('card');
    throw error;
  });
  delivery.gist.set(promotion.id, gistOf(view));
  const shown = { channel: posted.channel, ts: posted.ts, hash: hashOf(whole) };
  await recorded(delivery, promotion.id, { what: 'card', ...posted }, () =>
    thread.cardShown({ ...shown, revision: promotion.revision }),
  );
  return { ...shown, again: null };
}

async function update(
  thread: Thread,
  delivery: Delivery,
  view: CardView,
  at: { readonly channel: string; readonly ts: string; readonly hash: string | null },
): Promise<Shown> {
  const { promotion } = thread;
  const { channel, ts } = at;
  const whole = card(view);
  const hash = hashOf(whole);
  const done = () => thread.cardShown({ channel, ts, hash, revision: promotion.revision });
  if (hash === at.hash) {
    await done();
    return { channel, ts, hash, again: null };
  }
  const gist = gistOf(view);
  const isNews = delivery.gist.get(promotion.id) !== gist;
  const wait =
    delivery.updates.take(promotion.id, delivery.now(), isNews) ||
    (await delivery.turnToUpdate(promotion.id, isNews ? urgencyOf(promotion) : 'progress'));
  if (wait > 0) return { channel, ts, hash, again: wait };
  try {
    const metadata = metadataOf(promotion.id);
    await withSmaller(thread, delivery, view, whole, ({ text, blocks }) =>
      delivery.calls.update({ channel, ts, text, blocks, metadata }),
    );
  } catch (error) {
    // A card that may not be updated now must not keep the thread from hearing of it.
    if (error instanceof NotYet) return { channel, ts, hash, again: error.ms };
    if (failureOf(error).kind !== 'gone') throw error;
    return afterLoss(thread, delivery, view, channel, done, { ts, hash });
  }
  delivery.gist.set(promotion.id, gist);
  await done();
  return { channel, ts, hash, again: null };
}

/** Somebody deleted the card. An open promotion needs its buttons: it gets a new one. A closed one stays gone. */
async function afterLoss(
  thread: Thread,
  delivery: Delivery,
  view: CardView,
  channel: string,
  done: () => Promise<void>,
  { ts, hash }: Pick<Shown, 'ts' | 'hash'>,
): Promise<Shown> {
  const { promotion } = thread;
  if (!isOpen(promotion.state)) {
    delivery.log.warn(
      { promotion: promotion.id },
      'the card was deleted in Slack; the promotion is over, it stays deleted',
    );
    await done();
    return { channel, ts, hash, again: null };
  }
  return anotherCard(thread, delivery, view, { channel, ts });
}

/** In place of one that is gone, unless that was posted before and its answer lost. */
async function anotherCard(
  thread: Thread,
  delivery: Delivery,
  view: CardView,
  { channel, ts }: Pick<Shown, 'channel' | 'ts'>,
): Promise<Shown> {
  const { promotion } = thread;
  const found = await postedBefore(thread, delivery, channel);
  if (found !== null && found !== ts) {
    await thread.cardShown({ channel, ts: found, hash: '', revision: 0 });
    return { channel, ts: found, hash: '', again: 0 };
  }
  delivery.log.warn({ promotion: promotion.id }, 'the card was deleted in Slack; a new one is posted');
  return post(thread, delivery, view, channel);
}

/** Slack's limits are not all written down: when it refuses the whole card, a small one is better than none. */
async function withSmaller<T>(
  thread: Thread,
  delivery: Delivery,
  view: CardView,
  whole: Message,
  send: (message: Message) => Promise<T>,
): Promise<T> {
  try {
    return await send(whole);
  } catch (error) {
    const failure = failureOf(error);
    // Slack has ever more words for a picture that it does not show here; other trouble it says again without it.
    if (view.picture !== undefined && (failure.kind === 'content' || failure.kind === 'shut')) {
      const { picture: refused, ...rest } = view;
      const taken = await withSmaller(thread, delivery, rest, card(rest), send);
      delivery.log.warn({ ...refused, code: failure.code }, 'Slack refused a card with its chart');
      await thread.pictureIs({ refused: true });
      return taken;
    }
    if (failure.kind !== 'content') throw error;
    delivery.log.error(
      { promotion: view.promotion.id, code: failure.code, details: failure.details },
      'Slack refused the card; a small one is shown instead',
    );
    return send(smallCard(view));
  }
}

/** The ts of the card when a process has posted it before it died. */
async function postedBefore(thread: Thread, delivery: Delivery, channel: string): Promise<string | null> {
  const { attemptedAt } = thread.card;
  if (attemptedAt === null) return null;
  const within = timeOf(attemptedAt, await delivery.clockAhead());
  return orNull(delivery.log, () => findCard(delivery.calls, channel, thread.promotion.id, within));
}

function metadataOf(promotion: string) {
  return { event_type: CARD_EVENT, event_payload: { promotion } };
}

function hashOf({ text, blocks }: Message): string {
  return createHash('sha256')
    .update(JSON.stringify([text, blocks]))
    .digest('hex')
    .slice(0, 32);
}

/** Whether people are to decide something, or to hear of an alarm. */
function urgencyOf({ state, data }: Promotion): Urgency {
  const verdict = data.monitor?.judgement.verdict;
  const isAlarm = state === 'monitoring' && (verdict === 'critical' || verdict === 'warning');
  const isAsked = state === 'awaiting-approval' || state === 'blocked' || data.decision !== undefined;
  return isAlarm || isAsked ? 'people' : 'state';
}

/** What people wait for, against mere progress. */
function gistOf({ promotion, approvals }: CardView): string {
  const { data } = promotion;
  const votes = approvals.filter((vote) => vote.valid).length;
  return [
    promotion.state,
    data.decision,
    data.monitor?.judgement.verdict,
    data.monitor?.held,
    data.notice?.text,
    votes,
  ].join('|');
}

function bare(name: string): ServiceView {
  return {
    name,
    approvers: 'nobody: the service is no longer configured',
    tickMs: 30_000,
    errorRateRise: 0.01,
    latencyRise: 0.1,
    links: {},
  };
}
