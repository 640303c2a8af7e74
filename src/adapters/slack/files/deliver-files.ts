import { NotYet } from '../calls.ts';
import type { Delivery } from '../delivery.ts';
import { failureOf } from '../errors.ts';
import { findFile, orNull, timeOf } from '../find-sent.ts';
import type { StoredNotice, Thread, Upload } from '../port.ts';

export interface Attachment {
  readonly name: string;
  readonly title: string;
  readonly bytes: () => Promise<Uint8Array>;
  /** For who cannot see it. */
  readonly alt?: string;
}

export interface FilePlace {
  readonly stored: StoredNotice;
  readonly channel: string;
  /** Of the card. */
  readonly ts: string;
  /** Whether it asks something: its buttons are brought up to date only once its files are there. */
  readonly isAsking: boolean;
}

/** Slack shares most files within a second or two, ms. */
const LOOK_AGAIN_MS = 2_000;
/** What is not in the thread by then is not going to be, ms. */
const SHARED_AFTER_MS = 20_000;
/** A file that does not get through is given so often in all, each time after twice as long as before: for six hours. */
const MOST_TRIES = 44;
/** For two minutes. */
const MOST_TRIES_WHILE_ASKING = 6;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 600_000;

/**
 * Attaches the files of a notice, each once and in one message, and sees them in the thread: Slack says `ok` to files that it then shares
 * nowhere, above all to those with a text for screen readers. Such ones are given again without it. Returns in how many
 * ms to look again, or null when all are there: what comes after the notice waits for none of them.
 */
export async function attachAll(
  thread: Thread,
  delivery: Delivery,
  place: FilePlace,
  files: readonly Attachment[],
): Promise<number | null> {
  try {
    return await attach(thread, delivery, place, files);
  } catch (error) {
    if (error instanceof NotYet) return error.ms;
    throw error;
  }
}

async function attach(
  thread: Thread,
  delivery: Delivery,
  place: FilePlace,
  files: readonly Attachment[],
): Promise<number | null> {
  const { stored } = place;
  const uploads = { ...stored.uploads };
  const toGive: Attachment[] = [];
  for (const file of files) {
    const before = uploads[file.name];
    if (before?.isOver) continue;
    const now = await lookAt(thread, delivery, place, file, before);
    if (now === null) toGive.push(file);
    if (now === null || now === before) continue;
    uploads[file.name] = now;
    await thread.uploaded(stored.seq, uploads);
  }
  if (toGive.length > 0) {
    const isDescribed = !toGive.some(({ name }) => uploads[name]?.described);
    const tries = 1 + Math.max(...toGive.map(({ name }) => uploads[name]?.failed ?? 0));
    Object.assign(uploads, await give(thread, delivery, place, toGive, { isDescribed, tries }));
    await thread.uploaded(stored.seq, uploads);
  }
  const open = files.flatMap(({ name }) => uploads[name] ?? []).filter(({ isOver }) => !isOver);
  return open.length === 0 ? null : Math.min(...open.map((upload) => waitOf(upload, delivery.now())));
}

/** In how many ms there is something to do for it. */
function waitOf({ at, failed }: Upload, now: number): number {
  if (failed === undefined) return LOOK_AGAIN_MS;
  return Math.max(0, at + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failed) - now);
}

function isWorthATry(tries: number, { isAsking }: FilePlace): boolean {
  return tries < (isAsking ? MOST_TRIES_WHILE_ASKING : MOST_TRIES);
}

/** What there is to say of the file now; null: it is to be given. */
async function lookAt(
  thread: Thread,
  delivery: Delivery,
  place: FilePlace,
  file: Attachment,
  before: Upload | undefined,
): Promise<Upload | null> {
  if (before?.failed !== undefined && waitOf(before, delivery.now()) > 0) return before;
  if (before === undefined || before.failed !== undefined) {
    const isOld = await wasAttached(delivery, place, file);
    if (isOld === false) return null;
    const failed = (before?.failed ?? 0) + 1;
    const now = { id: '', at: delivery.now(), described: before?.described ?? false };
    if (isOld === 'unknown' && isWorthATry(failed, place)) return { ...now, isOver: false, failed };
    return over(now);
  }
  if (await isThere(delivery, place, file, before)) return over(before);
  if (delivery.now() < before.at + SHARED_AFTER_MS) return before;
  const facts = { promotion: thread.promotion.id, file: file.name, slackFile: before.id };
  if (!before.described) {
    delivery.log.error(facts, 'Slack took a file and does not show it');
    return over(before);
  }
  delivery.log.warn(
    facts,
    'Slack took a file and does not show it; it is given again without the description of pictures',
  );
  return null;
}

/** Whether a process has attached it before it died; `unknown` while Slack does not say. */
async function wasAttached(
  delivery: Delivery,
  { stored, channel, ts }: FilePlace,
  { name }: Attachment,
): Promise<boolean | 'unknown'> {
  // Before the message is there nobody attaches anything.
  if (stored.posted === null || stored.attemptedAt === null) return false;
  const within = timeOf(stored.attemptedAt, await delivery.clockAhead(), SHARED_AFTER_MS);
  const look = () => findFile(delivery.calls, { channel, ts, within }, name);
  return (await orNull(delivery.log, () => unlessDown(look, () => 'unknown' as const))) ?? false;
}

async function isThere(
  delivery: Delivery,
  { stored, channel, ts }: FilePlace,
  { name }: Attachment,
  { id, at }: Upload,
): Promise<boolean> {
  // Whatever became of a file that Slack says nothing more of, there is nothing left to do for it.
  const isOver = (code: string) => {
    delivery.log.warn({ file: name, code }, 'Slack took a file and says nothing more of it');
    return true;
  };
  const whileDown = (code: string) => delivery.now() >= at + SHARED_AFTER_MS && isOver(code);
  try {
    return await unlessDown(() => delivery.calls.isShared(id, channel), whileDown);
  } catch (error) {
    if (error instanceof NotYet) throw error;
    const { code } = failureOf(error);
    if (code === 'file_not_found') return false;
    if (code !== 'missing_scope') return isOver(code);
    // Apps that were installed before `files:read` was asked for.
    const within = timeOf(stored.attemptedAt ?? at, await delivery.clockAhead(), SHARED_AFTER_MS);
    const look = () => findFile(delivery.calls, { channel, ts, within }, name);
    return (await orNull(delivery.log, () => unlessDown(look, whileDown))) ?? true;
  }
}

/** What else to take while Slack does not answer: nothing that comes behind a file waits for that. */
async function unlessDown<T, U>(look: () => Promise<T>, otherwise: (code: string) => U): Promise<T | U> {
  try {
    return await look();
  } catch (error) {
    const { kind, code } = failureOf(error);
    if (error instanceof NotYet || kind !== 'down') throw error;
    return otherwise(code);
  }
}

/** Gives files in one message. */
async function give(
  thread: Thread,
  delivery: Delivery,
  place: FilePlace,
  files: readonly Attachment[],
  { isDescribed, tries }: { readonly isDescribed: boolean; readonly tries: number },
): Promise<Readonly<Record<string, Upload>>> {
  const { stored, channel, ts } = place;
  const promotion = thread.promotion.id;
  // What comes in one message may be hidden together: each is given again then, where one has a description.
  const described = isDescribed && files.some(({ alt }) => alt !== undefined);
  const given = { id: '', at: delivery.now(), described };
  const uploads = Object.fromEntries(files.map(({ name }) => [name, over(given)]));
  const made = await Promise.all(
    files.map(async ({ name, title, alt, bytes }) => {
      const content = await bytes().catch((error: unknown) => {
        delivery.log.warn({ err: error, promotion }, 'the chart could not be drawn');
        return null;
      });
      const description = isDescribed && alt !== undefined ? { alt } : {};
      return content === null ? [] : [{ name, title, bytes: content, ...description }];
    }),
  );
  const toSend = made.flat();
  if (toSend.length === 0) return uploads;
  await thread.attempting(stored.seq);
  try {
    const taken = await delivery.calls.upload({ channel, threadTs: ts }, toSend);
    for (const [index, { name }] of toSend.entries()) {
      const file = taken[index];
      if (file !== undefined && !file.isShared) uploads[name] = { ...given, id: file.id, isOver: false };
    }
  } catch (error) {
    if (error instanceof NotYet) {
      await thread.notTaken(stored.seq);
      throw error;
    }
    const { kind, code } = failureOf(error);
    const names = toSend.map(({ name }) => name);
    if (kind === 'down' && isWorthATry(tries, place)) {
      // Whether a description has kept it from the thread before is not forgotten.
      for (const name of names)
        uploads[name] = { ...given, described: !isDescribed, isOver: false, failed: tries };
      return uploads;
    }
    // The sentence is there and names where the file is committed: go on without it.
    delivery.log.error(
      { promotion, files: names, code },
      'Slack did not take a file; its bytes go to files.slack.com',
    );
  }
  return uploads;
}

function over(upload: Omit<Upload, 'isOver'>): Upload {
  return { ...upload, isOver: true };
}
