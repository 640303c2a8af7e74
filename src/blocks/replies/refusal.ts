import type { Button } from '@slack/types';
import type { RefusalFacts, RefusalText } from '../../domain/refusals/sentence.ts';
import { approversInline } from '../card/people.ts';
import { buttonFor, type RequestedPromotion, serviceValue } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { at, type Inline, type Message, person, words } from '../kit/rich-text.ts';
import { answer, openThread } from './answer.ts';

/** Why nothing was done, and what to do instead. People and times among the facts are shown as such. */
export function refusal(
  { text, hint }: RefusalText,
  facts: RefusalFacts,
  buttons: readonly Button[] = [],
): Message {
  return answer(['🚫 ', ...withPeople(text, 2_000, facts)], besides(hint, facts), buttons);
}

/** Whose it is and until when, and what to do instead: a line each. */
export function besides(hint: string | undefined, facts: RefusalFacts): Inline[][] {
  const { owner, until } = facts;
  const whose: Inline[] = [
    ...(typeof owner === 'string' ? ['By ', person(owner)] : []),
    ...(typeof until === 'number' ? [typeof owner === 'string' ? ', until ' : 'Until ', at(until)] : []),
  ];
  return [...(whose.length > 0 ? [whose] : []), ...(hint ? [withPeople(hint, 1_000, facts)] : [])];
}

/**
 * A sentence in which those whom the policy names are shown as people. Only what the facts `who` and `breakers` say
 * becomes a mention: the same tokens elsewhere came from outside.
 */
export function withPeople(sentence: string, max: number, { who, breakers }: RefusalFacts): Inline[] {
  const named = [who, breakers].find((one) => typeof one === 'string' && sentence.includes(one));
  if (typeof named !== 'string' || named === '') return [words(sentence, max)];
  const [before = '', ...after] = sentence.split(named);
  return [words(before, max), ...approversInline(named), words(after.join(named), max)];
}

/** The service is busy: follow what is under way, or wait in the queue. */
export function busy(
  explained: RefusalText,
  facts: RefusalFacts,
  requested: RequestedPromotion,
  threadUrl?: string,
): Message {
  return refusal(explained, facts, [waitButton(requested), ...openThread(threadUrl)]);
}

/** The service is locked or frozen: wait in the queue, or override it if they may. */
export function held(
  explained: RefusalText,
  facts: RefusalFacts,
  requested: RequestedPromotion,
  mayOverride: boolean,
): Message {
  return refusal(explained, facts, [
    waitButton(requested),
    ...(mayOverride ? [breakGlassButton(requested)] : []),
  ]);
}

function waitButton(requested: RequestedPromotion): Button {
  return buttonFor(ACTION.joinQueue, 'Tell me when it is free', serviceValue(requested, 'command'));
}

function breakGlassButton(requested: RequestedPromotion): Button {
  return buttonFor(ACTION.breakGlass, 'Break glass…', serviceValue(requested, 'command'), {
    style: 'danger',
  });
}
