import type { Prompt } from '../../domain/promotion/asking/prompt.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { offerButtons, snoozeButtons } from '../card/offer-buttons.ts';
import { buttonFor } from '../kit/button.ts';
import { type RequestedPromotion, serviceValue } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { count } from '../kit/labels.ts';
import { moreThan } from '../kit/more.ts';
import { bold, code, type Inline, linked, type Message, words } from '../kit/rich-text.ts';
import { answer } from './answer.ts';
import { openThread } from './open-thread.ts';

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
