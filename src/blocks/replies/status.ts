import { isOpen } from '../../domain/promotion/promotion.ts';
import type { Sequence } from '../../domain/schedule/sequence.ts';
import { requester } from '../card/people.ts';
import { summary } from '../card/summary.ts';
import { at, bold, buttons, type Inline, linked, type Message } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { type DebtView, debtLine, type ListedPromotion, listing, MOST_LINES } from './listing.ts';
import { type FreezeView, freezeLine, type LockView, lockLine } from './locks.ts';
import { plannedButtons, plannedInWords } from './planned.ts';

export interface StatusView {
  /** Open promotions, then the newest closed one of each service. */
  readonly entries: readonly ListedPromotion[];
  readonly locks: readonly LockView[];
  readonly freezes?: readonly FreezeView[];
  readonly debts?: readonly DebtView[];
  /** What people planned to ship. */
  readonly planned?: readonly Sequence[];
  /** Services of the config without any promotion. */
  readonly idle: readonly string[];
  /** Which version is live, of services whose target says so. */
  readonly live?: ReadonlyMap<string, string>;
  /** How many services more there are. */
  readonly left?: number;
}

/** `/ship-prod status`: one line per service. */
export function status({
  entries,
  locks,
  freezes = [],
  debts = [],
  planned = [],
  idle,
  live,
  left = 0,
}: StatusView): Message {
  const liveOf = (service: string): readonly Inline[] => {
    const version = live?.get(service);
    return version === undefined ? [] : [', ', bold(`${version} is live`, 100)];
  };
  const lines = [
    ...entries.map((entry) => [...entryLine(entry), ...liveOf(entry.promotion.service)]),
    ...idle.map((name): readonly Inline[] => [
      bold(name, 100),
      ': not shipped with Slipway yet',
      ...liveOf(name),
    ]),
  ];
  const isQuiet = entries.every(({ promotion }) => !isOpen(promotion.state));
  const head: Inline[] = [bold(isQuiet ? 'Nothing is under way.' : 'What is under way and what is live')];
  const held = [...locks.map(lockLine), ...freezes.map(freezeLine)];
  const more = [
    { title: 'To be acknowledged by a second person', lines: debts.slice(0, 20).map(debtLine) },
    { title: 'Planned', lines: planned.slice(0, MOST_LINES).map(plannedInWords) },
    { title: 'Locked or frozen', lines: held.slice(0, MOST_LINES) },
  ];
  const listed = listing(head, lines, more, left);
  return planned.length === 0
    ? listed
    : message([...listed.blocks, buttons(plannedButtons(planned, 'command'), 'planned')]);
}

function entryLine({ promotion, approvals, threadUrl }: ListedPromotion): readonly Inline[] {
  return [
    linked(threadUrl, summary({ promotion, approvals }), 200),
    ', asked by ',
    ...requester(promotion.request),
    ' ',
    at(promotion.createdAt),
  ];
}
