import type { Prompt, PromptOutcome } from '../../domain/promotion/asking/prompt.ts';
import { offerButtons } from '../card/offer-buttons.ts';
import { at, bold, code, type Inline, type Message, para, person, rich, words } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { answer } from './answer.ts';
import { offer } from './start.ts';

/** A message with buttons outside of a thread; with what became of it in place of them once that is known. */
export function promptMessage(prompt: Prompt, outcome: PromptOutcome | null): Message {
  const asking = prompt.kind === 'offer' ? offer(prompt) : turn(prompt);
  if (outcome === null) return asking;
  // What it says of the buttons goes with them.
  const [first] = asking.blocks;
  const head = first?.type === 'rich_text' ? [{ ...first, elements: first.elements.slice(0, 1) }] : [];
  const isBeaten = prompt.kind === 'turn' && outcome.kind === 'started' && outcome.by !== prompt.user;
  const again: Inline[] = isBeaten
    ? [
        ' You do not wait for it any more: ',
        code(`/ship-prod ${prompt.service}`, 200),
        ' lets you wait again.',
      ]
    : [];
  return message([...head, rich(para(...inWords(outcome), ...again))]);
}

/** Offers what they wanted to ship when they joined the queue; nothing starts by itself. */
function turn({ service, wish }: Extract<Prompt, { kind: 'turn' }>): Message {
  return answer(
    ['🔔 ', bold(service, 100), ' is free now, and you are next in line.'],
    wish ? [['You wanted to ship ', words(wishInWords(wish), 600), '.']] : [],
    offerButtons({ ...wish, service }),
  );
}

export function wishInWords({
  feature,
  bump,
  note,
}: NonNullable<Extract<Prompt, { kind: 'turn' }>['wish']>): string {
  const what = feature ?? 'the newest ready feature';
  const step = bump === 'auto' ? '' : ` as a ${bump} release`;
  return note ? `${what}${step} (${note})` : `${what}${step}`;
}

function inWords(outcome: PromptOutcome): readonly Inline[] {
  switch (outcome.kind) {
    case 'started':
      return ['🚢 ', person(outcome.by), ' started it, ', at(outcome.at, 'time'), '.'];
    case 'snoozed':
      return [
        '😴 ',
        person(outcome.by),
        ' snoozed it. It comes back ',
        at(outcome.until),
        ', if it is still ready.',
      ];
    case 'offered-anew':
      return ['⬇️ Validated on staging again, ', at(outcome.at, 'time'), ': see the newer message.'];
    case 'not-ready':
      return ['⏹️ Not to be shipped any more, ', at(outcome.at, 'time'), ': its state file says otherwise.'];
    case 'no-service':
      return ['⏹️ Not to be shipped any more, ', at(outcome.at, 'time'), ': it is not configured here.'];
  }
}
