import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { askOnce, type HttpReply, type Question } from './http.ts';

/** A metadata server that is just starting does not answer for some seconds, ms. */
const STARTS_MS = 10_000;
const PAUSE_MS = 500;
/** Whether there is one, by its host. */
const known = new Map<string, boolean>();

interface Metadata {
  /** For messages: `the machine of AWS`. */
  readonly source: string;
  /** Whether it is the one that is meant: other clouds have something at that address too. */
  readonly isIt: (reply: HttpReply) => boolean;
  readonly startsMs?: number;
}

/**
 * What the metadata server of this machine answers; null where there is none. What is silent or has a fault is asked again
 * for some seconds, once: one that may be starting is waited for, one that is not there keeps nobody waiting later. Unavailable
 * where it has answered before.
 */
export async function askMetadata(
  question: Question,
  { source, isIt, startsMs = STARTS_MS }: Metadata,
): Promise<HttpReply | null> {
  const { host } = new URL(question.url);
  const until = performance.now() + (known.has(host) ? 0 : startsMs);
  for (;;) {
    const answer = await askOnce(question);
    const isReply = answer.kind === 'reply';
    if (isReply && isIt(answer)) known.set(host, true);
    if (isReply && answer.status !== 429 && answer.status < 500) return isIt(answer) ? answer : null;
    if (known.get(host))
      throw new Unavailable(source, isReply ? `it answered ${answer.status}` : answer.words);
    if (question.signal?.aborted) return null;
    if (performance.now() + PAUSE_MS > until) break;
    await pause(PAUSE_MS);
  }
  known.set(host, false);
  return null;
}
