import type { Prompt, PromptOutcome } from '../../domain/promotion/asking/prompt.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { offerButtons, snoozeButtons } from '../card/offer-buttons.ts';
import { buttonFor, type RequestedPromotion, serviceValue } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { count } from '../kit/labels.ts';
import {
  at,
  bold,
  code,
  type Inline,
  linked,
  type Message,
  moreThan,
  para,
  person,
  rich,
  words,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { answer, openThread } from './answer.ts';

export function started(promotion: Promotion, threadUrl?: string): Message {
  return answer(
    [`Started. The card of ${promotion.service} is in the channel and shows how it goes.`],
    [],
    openThread(threadUrl),
  );
}

export function inQueue(service: string, place: number): Message {
  const ahead = place <= 1 ? 'You are next.' : `${count(place - 1, 'person', 'people')} before you.`;
  return answer([`You are in line for ${service}. ${ahead} You get a direct message when it is your turn.`]);
}

/** Offers to ship, with buttons: what people write does not start anything. */
export function offer({ because, mends, ...asked }: Extract<Prompt, { kind: 'offer' }>): Message {
  const { service, feature } = asked;
  const requested: RequestedPromotion = { service, feature };
  const what: Inline[] = [
    bold(requested.service, 100),
    ...(requested.feature ? [' ', code(requested.feature, 100)] : []),
  ];
  const head: Inline[] = because
    ? ['🚢 ', ...what, words(` is ready to be shipped: ${because}`, 300)]
    : ['🚢 Do you want to ship ', ...what, ' to production?'];
  const safety =
    'Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.';
  // Whoever asked for it does not put it off.
  const snooze = because || mends ? snoozeButtons(requested) : [];
  if (mends === undefined) return answer(head, [[safety]], [...offerButtons(requested), ...snooze]);
  const { version, incident, url } = mends;
  const about: Inline[] = incident ? [' What happened: ', linked(url, incident, 200), '.'] : [];
  return answer(
    [
      '🩹 ',
      ...what,
      ' is validated on staging again, after ',
      bold(version, 60),
      ' was rolled back.',
      ...about,
    ],
    [[safety]],
    [...offerButtons(requested, 'Fix forward'), ...snooze],
  );
}

/** For a mention that names several services. */
export function shipsInOrder(services: readonly string[]): Message {
  return answer(
    ['To ship them in this order, type ', code(`/ship-prod ${services.join(' ')}`, 300)],
    [['Nothing was changed.']],
  );
}

const MOST_SERVICES = 10;

/** Asks for the service when a mention names none. */
export function chooseService(services: readonly string[]): Message {
  return answer(
    ['Which service? Nothing happens until someone confirms.'],
    services.length > MOST_SERVICES ? [moreThan(MOST_SERVICES, services, '/ship-prod plan SERVICE')] : [],
    services
      .slice(0, MOST_SERVICES)
      .map((service, index) =>
        buttonFor(ACTION.plan, service, serviceValue({ service }, 'offer'), { suffix: String(index) }),
      ),
  );
}

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
