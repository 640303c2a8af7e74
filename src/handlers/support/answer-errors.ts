import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { openThread, problem } from '../../blocks/replies/answer.ts';
import { refusal as refusalMessage } from '../../blocks/replies/refusal.ts';
import { explain } from '../../domain/refusals/explain.ts';
import {
  Refusal,
  Unavailable,
  UnavailableAfterwards,
  UnavailableInDoubt,
} from '../../domain/refusals/refusal.ts';
import type { RefusalText } from '../../domain/refusals/sentence.ts';
import type { SendAnswer } from './answer.ts';
import { slackTrouble } from './slack-trouble.ts';

/**
 * Does what a person asked, and answers with the message that comes of it: of a Refusal its sentence, of an outage what
 * does not answer, of anything else a reference that the log has too. Never throws.
 */
export async function answered(
  log: Logger,
  answer: SendAnswer,
  work: () => Promise<Message | null | undefined | void>,
): Promise<void> {
  try {
    const message = await work();
    if (message) await answer(message);
  } catch (error) {
    await answer(answerTo(log, error));
  }
}

/** What a person reads of something outside that does not answer; null for any other error. */
function outageText(error: unknown): RefusalText | null {
  if (!(error instanceof Unavailable)) return null;
  const text = error.what === 'Slack' ? 'Slack does not answer Slipway as it should.' : `${error.message}.`;
  if (error instanceof UnavailableAfterwards)
    return { text, hint: `It is recorded, and goes on as soon as ${error.what} answers.` };
  if (error instanceof UnavailableInDoubt) {
    const hint = 'It may be recorded or not: look at the card, and press again if it does not show it.';
    return { text, hint: `${hint} Twice counts once.` };
  }
  return error.what === 'Slack'
    ? slackTrouble(error)
    : { text, hint: error.remedy ?? 'Nothing was changed. Try again in a moment.' };
}

function answerTo(log: Logger, error: unknown): Message {
  if (error instanceof Refusal) {
    log.info({ code: error.code, facts: error.facts }, 'refused');
    const { thread } = error.facts;
    const open = openThread(typeof thread === 'string' ? thread : undefined);
    return refusalMessage(explain(error), error.facts, open);
  }
  const trouble = outageText(error) ?? slackTrouble(error);
  if (trouble) {
    log.warn({ err: error }, 'unavailable');
    return refusalMessage(trouble, {});
  }
  return problem(noteUnexpected(log, error, 'unexpected error in a handler'));
}

/** Logs what nobody foresaw; answers with the reference under which it is found there. */
export function noteUnexpected(log: Logger, error: unknown, what: string): string {
  const reference = randomBytes(4).toString('hex');
  log.error({ err: error, reference }, what);
  return reference;
}
