import type { Button, KnownBlock } from '@slack/types';
import { type Promotion, windowOf } from '../../domain/promotion/promotion.ts';
import type { RefusalText } from '../../domain/refusals/catalogue.ts';
import type { RefusalFacts } from '../../domain/refusals/refusal.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { button, wayBack } from '../card/buttons.ts';
import { offerButtons, type Wish } from '../card/offer-buttons.ts';
import { approversInline } from '../card/people.ts';
import { webAddress } from '../kit/escape.ts';
import { ACTION, actionId, type ButtonValue, encodeValue, promotionValue } from '../kit/ids.ts';
import { count } from '../kit/labels.ts';
import {
  at,
  bold,
  code,
  type Inline,
  type Message,
  para,
  person,
  plain,
  rich,
  words,
} from '../kit/rich-text.ts';
import { breakGlassButton } from '../modals/override-form.ts';
import { spoken } from '../thread/content.ts';

/** What only the person who asked gets to see. */
function answer(
  head: readonly Inline[],
  more: readonly (readonly Inline[])[] = [],
  buttons: readonly Button[] = [],
): Message {
  const row: KnownBlock[] = buttons.length > 0 ? [{ type: 'actions', elements: [...buttons] }] : [];
  return {
    text: spoken(head),
    blocks: [rich(para(...head), ...more.map((parts) => para(...parts))), ...row],
  };
}

/** A sentence for the person who asked. */
export function plainAnswer(text: string): Message {
  return answer([words(text, 2_500)]);
}

/** Why nothing was done, and what to do instead. People and times among the facts are shown as such. */
export function refusal(
  { text, hint }: RefusalText,
  facts: RefusalFacts,
  buttons: readonly Button[] = [],
): Message {
  const { owner, until } = facts;
  const more: Inline[][] = [];
  const whose: Inline[] = [
    ...(typeof owner === 'string' ? ['By ', person(owner)] : []),
    ...(typeof until === 'number' ? [typeof owner === 'string' ? ', until ' : 'Until ', at(until)] : []),
  ];
  if (whose.length > 0) more.push(whose);
  if (hint) more.push(withPeople(hint, 1_000, facts));
  return answer(['🚫 ', ...withPeople(text, 2_000, facts)], more, buttons);
}

/**
 * A sentence in which those whom the policy names are shown as people. Only what the facts `who` and `breakers` say
 * becomes a mention: the same signs elsewhere came from outside.
 */
function withPeople(sentence: string, max: number, { who, breakers }: RefusalFacts): Inline[] {
  const named = [who, breakers].find((one) => typeof one === 'string' && sentence.includes(one));
  if (typeof named !== 'string' || named === '') return [words(sentence, max)];
  const [before = '', ...after] = sentence.split(named);
  return [words(before, max), ...approversInline(named), words(after.join(named), max)];
}

/** What a person wants to ship, as their button carries it. */
interface Wished {
  readonly service: string;
  readonly feature?: string | undefined;
  readonly bump?: ButtonValue['bump'];
}

function wished({ service, feature, bump }: Wished): ButtonValue {
  return {
    service: service.slice(0, 200),
    ...(feature ? { feature: feature.slice(0, 300) } : {}),
    ...(bump ? { bump } : {}),
    via: 'command',
  };
}

function waitButton(wish: Wished): Button {
  return {
    type: 'button',
    action_id: actionId(ACTION.joinQueue),
    text: plain('Tell me when it is free', 75),
    value: encodeValue(wished(wish)),
  };
}

/** The service is busy: follow what is under way, or wait in line. */
export function busy(explained: RefusalText, facts: RefusalFacts, wish: Wished, threadUrl?: string): Message {
  return refusal(explained, facts, [waitButton(wish), ...openThread(threadUrl)]);
}

/** The service is locked or frozen: wait, or break the glass if they may. */
export function held(explained: RefusalText, facts: RefusalFacts, wish: Wished, mayBreak: boolean): Message {
  return refusal(explained, facts, [waitButton(wish), ...(mayBreak ? [breakGlassButton(wished(wish))] : [])]);
}

/** A link to a thread, dressed as a button. */
export function openThread(url: string | undefined, suffix?: string): Button[] {
  const address = webAddress(url);
  if (address === undefined) return [];
  return [
    {
      type: 'button',
      action_id: actionId(ACTION.openThread, suffix),
      text: plain('Open the thread', 75),
      url: address,
    },
  ];
}

/** Something went wrong that nobody foresaw; the log has the same reference. */
export function problem(reference: string): Message {
  return answer(
    ['⚠️ Something went wrong on our side. Nothing is known to have changed.'],
    [['Try again. If it stays, show this reference to those who run Slipway: ', code(reference, 40)]],
  );
}

export function started(promotion: Promotion, threadUrl?: string): Message {
  return answer(
    [`Started. The card of ${promotion.service} is in the channel and shows how it goes.`],
    [],
    openThread(threadUrl),
  );
}

export function inQueue(service: string, place: number): Message {
  const ahead = place <= 1 ? 'You are next.' : `${count(place - 1, 'person', 'people')} before you.`;
  return answer([`You are in line for ${service}. ${ahead} The thread tells you when it is free.`]);
}

export interface Offer extends Wish {
  /** Why this is offered; raw text. */
  readonly because?: string | undefined;
}

/** Words never start anything: they are answered with buttons that do. */
export function offer({ because, ...wish }: Offer): Message {
  const what: Inline[] = [bold(wish.service, 100), ...(wish.feature ? [' ', code(wish.feature, 100)] : [])];
  const head: Inline[] = because
    ? ['🚢 ', ...what, words(` is ready to be shipped: ${because}`, 300)]
    : ['🚢 Do you want to ship ', ...what, ' to production?'];
  const safety =
    'Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.';
  return answer(head, [[safety]], offerButtons(wish));
}

/** When a mention names no service, or none that exists. */
export function chooseService(services: readonly string[]): Message {
  return answer(
    ['Which service? Nothing happens until someone confirms.'],
    [],
    services.slice(0, 10).map((service, index) => ({
      type: 'button',
      action_id: actionId(ACTION.plan, String(index)),
      text: plain(service, 75),
      value: encodeValue({ service: service.slice(0, 200), via: 'offer' }),
    })),
  );
}

export type ThreadWish =
  | { readonly kind: 'rollback'; readonly to?: string }
  | { readonly kind: 'extend'; readonly ms: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'release-hold' };

/** What was written in a thread or typed as a command, to be confirmed by who wrote it. */
export function confirmWish(
  promotion: Promotion,
  wish: ThreadWish,
  via: 'thread' | 'command' = 'thread',
): Message {
  const dismiss: Button = {
    type: 'button',
    action_id: actionId(ACTION.dismiss),
    text: plain('Never mind', 75),
    value: 'dismiss',
  };
  const { service } = promotion;
  switch (wish.kind) {
    case 'rollback': {
      const { to } = wish;
      const back = to ?? wayBack(promotion)?.version ?? 'the release before';
      return answer(
        ['Roll ', bold(service, 100), ' back to ', bold(back, 60), '?'],
        [
          [
            'It is deployed again and checked, and the service is locked until someone unlocks it. Database migrations are not undone.',
          ],
        ],
        [withoutAsking(button(ACTION.rollback, promotion, { via, to })), dismiss],
      );
    }
    case 'extend': {
      const length = durationInWords(wish.ms);
      const window = windowOf(promotion);
      const value = promotionValue(promotion, { ms: wish.ms, window, via: 'thread' });
      const extend: Button = {
        ...button(ACTION.extend, promotion),
        text: plain(`Extend by ${length}`, 75),
        value,
      };
      return answer([`Watch ${service} ${length} longer?`], [], [extend, dismiss]);
    }
    case 'hold':
      return answer(
        [`Hold the window of ${service} open until someone releases it?`],
        [],
        [button(ACTION.hold, promotion, { via: 'thread' }), dismiss],
      );
    case 'release-hold':
      return answer(
        [`Release the hold on ${service}?`],
        [],
        [button(ACTION.releaseHold, promotion, { via: 'thread' }), dismiss],
      );
  }
}

/** The message that holds the button is the question already. */
function withoutAsking({ confirm: _confirm, ...sure }: Button): Button {
  return sure;
}

/** Somebody wrote nearly one of the words; `confirmation` is what the word itself is answered with. */
export function didYouMean(word: string, { text, blocks }: Message): Message {
  return {
    text: `Did you mean ${word}? ${text}`,
    blocks: [rich(para('Did you mean ', code(word, 40), '?')), ...blocks],
  };
}

/** What is typed of a command that takes more than a word in a conversation says. */
const TYPED: Readonly<Record<'cancel' | 'lock' | 'unlock' | 'freeze' | 'thaw', (service: string) => string>> =
  {
    cancel: (service) => `cancel ${service}`,
    lock: (service) => `lock ${service} "reason" 2h`,
    unlock: (service) => `unlock ${service}`,
    freeze: () => 'freeze all "reason" 2h',
    thaw: () => 'thaw all',
  };

/** Conversation changes nothing: the command to type instead. */
export function takesCommand(word: keyof typeof TYPED, service: string): Message {
  return answer(
    ['To do that, type ', code(`/ship-prod ${TYPED[word](service)}`, 300)],
    [['Nothing was changed.']],
  );
}

/** The bump is smaller than what the commits ask for: take it or choose again. */
export function confirmLowerBump(promotion: Promotion): Message {
  return answer(
    ['The chosen version is lower than the commits ask for.'],
    [
      [
        'Whoever relies on the version number would not see what changed. If that is what you want, confirm it: it is recorded with your name.',
      ],
    ],
    [button(ACTION.confirmLowerBump, promotion), button(ACTION.chooseBump, promotion)],
  );
}
