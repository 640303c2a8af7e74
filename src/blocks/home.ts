import type { HomeView, KnownBlock } from '@slack/types';
import { EVERYTHING } from '../domain/policy/lock.ts';
import type { Sequence } from '../domain/schedule/sequence.ts';
import type { DoraFigures } from '../domain/statistics/dora.ts';
import type { WeeksChart } from '../domain/statistics/weeks-chart.ts';
import { given } from '../domain/text/given.ts';
import { acknowledgeDialog, startDialog } from './card/dialogs.ts';
import { requester } from './card/people.ts';
import { summary } from './card/summary.ts';
import { buttonFor, serviceValue } from './kit/button-value.ts';
import { ACTION } from './kit/ids.ts';
import { STATE } from './kit/labels.ts';
import { LIMITS } from './kit/limits.ts';
import {
  at,
  bold,
  bullets,
  buttons as buttonRow,
  header,
  type Inline,
  linked,
  moreThan,
  para,
  rich,
  section,
  words,
} from './kit/rich-text.ts';
import { openThread } from './replies/answer.ts';
import { figuresLine, weeksPicture } from './replies/figures.ts';
import { type DebtView, debtLine, type ListedPromotion } from './replies/listing.ts';
import { type FreezeView, freezeLine, type LockView, lockLine } from './replies/locks.ts';
import { plannedButtons, plannedInWords } from './replies/planned.ts';
import { serviceInWords } from './replies/subscriptions.ts';

const MOST_OPEN = 20;
const MOST_SERVICES = 50;

export interface Home {
  readonly open: readonly ListedPromotion[];
  /** Newest first. */
  readonly last: readonly ListedPromotion[];
  readonly locks: readonly LockView[];
  readonly freezes?: readonly FreezeView[];
  /** What waits for a second person; shown until it is done. */
  readonly debts?: readonly DebtView[];
  /** What people planned to ship. */
  readonly planned?: readonly Sequence[];
  /** Services of which this person is told when their commits are in production; absent: it is not shown. */
  readonly subscribed?: readonly string[] | undefined;
  /** What was measured of each service that has shipped something. */
  readonly figures?: readonly DoraFigures[];
  /** Charts of them, with the ids of their files. */
  readonly pictures?: readonly { readonly chart: WeeksChart; readonly file: string }[];
  /** Services of the config. */
  readonly services: readonly string[];
}

/** The Home tab: what needs people now, what was shipped last, what is locked, and buttons to start. */
export function home({
  open,
  last,
  locks,
  freezes = [],
  debts = [],
  planned = [],
  subscribed,
  figures = [],
  pictures = [],
  services,
}: Home): HomeView {
  const blocks: KnownBlock[] = [
    ...debtPart(debts),
    header('Under way'),
    ...(open.length === 0
      ? [rich(para('Nothing is being shipped right now.'))]
      : open.slice(0, MOST_OPEN).flatMap(openPart)),
    ...rest(moreThan(MOST_OPEN, open, '/ship-prod status')),
    ...plannedPart(planned),
    header('Shipped last'),
    last.length === 0 ? rich(para('Nothing yet.')) : rich(bullets(last.slice(0, 15).map(lastLine))),
    ...section('Locked', locks.slice(0, 20).map(lockLine)),
    ...(locks.length > 0 ? [unlockRow(locks)] : []),
    ...section('Frozen', freezes.slice(0, 20).map(freezeLine)),
    ...(figures.length > 0 ? [header('Figures'), rich(...figures.slice(0, 15).map(figuresLine))] : []),
    ...pictures.map(({ chart, file }) => weeksPicture(chart, file)),
    header('Ship'),
    rich(
      para(
        'Type ',
        bold('/ship-prod'),
        ' anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.',
      ),
    ),
    ...startRows(services),
    ...rest(moreThan(MOST_SERVICES, services, '/ship-prod SERVICE')),
    ...subscribedPart(subscribed),
  ];
  return { type: 'home', blocks: blocks.slice(0, LIMITS.viewBlocks) };
}

function rest(parts: readonly Inline[]): KnownBlock[] {
  return parts.length > 0 ? [rich(para(...parts))] : [];
}

function plannedPart(planned: readonly Sequence[]): KnownBlock[] {
  const shown = planned.slice(0, 10);
  if (shown.length === 0) return [];
  return [
    header('Planned'),
    rich(bullets(shown.map(plannedInWords))),
    buttonRow(plannedButtons(shown, 'home'), 'planned'),
    ...rest(moreThan(shown.length, planned, '/ship-prod schedule')),
  ];
}

function openPart({ promotion, approvals, threadUrl }: ListedPromotion, index: number): KnownBlock[] {
  const buttons = openThread(threadUrl, String(index));
  return [
    rich(
      para(
        bold(summary({ promotion, approvals })),
        '\nAsked by ',
        ...requester(promotion.request),
        ' ',
        at(promotion.createdAt),
      ),
    ),
    ...(buttons.length > 0 ? [buttonRow(buttons, `open:${index}`)] : []),
  ];
}

function lastLine({ promotion, threadUrl }: ListedPromotion): readonly Inline[] {
  const { data, state } = promotion;
  const version = data.release?.version ?? data.plan?.version.next ?? '';
  return [
    `${STATE[state].sign} `,
    linked(threadUrl, `${promotion.service} ${version}`.trim(), 150),
    ` ${STATE[state].words.toLowerCase()} `,
    at(data.closedAt ?? promotion.updatedAt),
  ];
}

/** Overrides that no second person has acknowledged yet. */
function debtPart(debts: readonly DebtView[]): KnownBlock[] {
  const shown = debts.slice(0, 10);
  if (shown.length === 0) return [];
  const promotions = [...new Map(shown.map(({ debt }) => [debt.promotionId, debt])).values()];
  return [
    header('To be acknowledged by a second person'),
    rich(bullets(shown.map(debtLine))),
    buttonRow(
      promotions.map(({ service, promotionId: promotion }) =>
        buttonFor(
          ACTION.acknowledge,
          `Acknowledge ${service}`,
          { promotion, via: 'home' },
          { suffix: promotion, confirm: acknowledgeDialog() },
        ),
      ),
      'debts',
    ),
  ];
}

function unlockRow(locks: readonly LockView[]): KnownBlock {
  const row = locks.slice(0, 10).map((lock, index) => {
    const label = lock.service === EVERYTHING ? 'Thaw everything' : `Unlock ${lock.service}`;
    return buttonFor(
      ACTION.unlock,
      label,
      { ...serviceValue(lock, 'home'), ...given({ lock: lock.since }) },
      { suffix: `${lock.since ?? ''}:${index}` },
    );
  });
  return buttonRow(row, 'locks');
}

function subscribedPart(subscribed: readonly string[] | undefined): KnownBlock[] {
  if (subscribed === undefined) return [];
  const isNone = subscribed.length === 0;
  const action = isNone ? ACTION.subscribe : ACTION.unsubscribe;
  const named = subscribed.flatMap((one, index) => [...(index === 0 ? [] : [', ']), ...serviceInWords(one)]);
  return [
    header('Your commits'),
    rich(
      isNone
        ? para(
            'You can get a direct message when your commits are in production, and when they are rolled back.',
          )
        : para('You get a direct message when your commits of ', ...named, ' are in production.'),
    ),
    buttonRow(
      [buttonFor(action, isNone ? 'Tell me' : 'Stop these messages', { via: 'home' })],
      'subscription',
    ),
  ];
}

/** Ten services in a row. */
function startRows(services: readonly string[]): KnownBlock[] {
  const rows: KnownBlock[] = [];
  for (let from = 0; from < Math.min(services.length, MOST_SERVICES); from += 10) {
    const row = services.slice(from, from + 10).map((service) =>
      buttonFor(ACTION.start, `Ship ${service}`, serviceValue({ service }, 'home'), {
        suffix: service,
        confirm: startDialog(service),
      }),
    );
    rows.push(buttonRow(row, `services:${from}`));
  }
  return rows;
}

/** The Home tab of somebody who may see nothing, or of whom Slack does not say who they are. */
export function homeHidden({
  text,
  hint,
}: {
  readonly text: string;
  readonly hint?: string | undefined;
}): HomeView {
  return { type: 'home', blocks: [rich(para(words(text))), ...(hint ? [rich(para(words(hint)))] : [])] };
}
