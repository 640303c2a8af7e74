import type { HomeView, KnownBlock } from '@slack/types';
import { openThread, startDialog } from './answers.ts';
import { summary } from './card.ts';
import { ACTION, actionId, encodeValue } from './ids.ts';
import { LIMITS } from './limits.ts';
import { type Entry, type LockView, lockLine } from './lists.ts';
import { at, bold, bullets, header, type Inline, linked, para, person, plain, rich } from './rich.ts';
import { STATE } from './words.ts';

export interface Home {
  readonly open: readonly Entry[];
  /** Newest first. */
  readonly last: readonly Entry[];
  readonly locks: readonly LockView[];
  /** Services of the config. */
  readonly services: readonly string[];
}

/** The Home tab: what needs people now, what was shipped last, what is locked, how to begin. */
export function home({ open, last, locks, services }: Home): HomeView {
  const blocks: KnownBlock[] = [
    header('Under way'),
    ...(open.length === 0
      ? [rich(para('Nothing is being shipped right now.'))]
      : open.slice(0, 20).flatMap(openEntry)),
    header('Shipped last'),
    last.length === 0 ? rich(para('Nothing yet.')) : rich(bullets(last.slice(0, 15).map(lastLine))),
    ...(locks.length > 0
      ? [header('Locked'), rich(bullets(locks.slice(0, 20).map(lockLine))), ...unlockRow(locks)]
      : []),
    header('Ship'),
    rich(
      para(
        'Type ',
        bold('/ship-prod'),
        ' anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.',
      ),
    ),
    ...startRows(services),
  ];
  return { type: 'home', blocks: blocks.slice(0, LIMITS.viewBlocks) };
}

function openEntry({ promotion, approvals, threadUrl }: Entry, index: number): KnownBlock[] {
  const buttons = openThread(threadUrl, String(index));
  return [
    rich(
      para(
        bold(summary({ promotion, approvals })),
        '\nAsked by ',
        person(promotion.request.by),
        ' ',
        at(promotion.createdAt),
      ),
    ),
    ...(buttons.length > 0 ? [{ type: 'actions' as const, elements: buttons }] : []),
  ];
}

function lastLine({ promotion, threadUrl }: Entry): readonly Inline[] {
  const { data, state } = promotion;
  const version = data.release?.version ?? data.plan?.version.next ?? '';
  return [
    `${STATE[state].sign} `,
    linked(threadUrl, `${promotion.service} ${version}`.trim(), 150),
    ` ${STATE[state].words.toLowerCase()} `,
    at(data.closedAt ?? promotion.updatedAt),
  ];
}

function unlockRow(locks: readonly LockView[]): KnownBlock[] {
  return [
    {
      type: 'actions',
      elements: locks.slice(0, 10).map((lock, index) => ({
        type: 'button' as const,
        action_id: actionId(ACTION.unlock, String(index)),
        text: plain(`Unlock ${lock.service}`, LIMITS.buttonText),
        value: encodeValue({ service: lock.service.slice(0, 200), via: 'home' }),
      })),
    },
  ];
}

/** At most 50 services, ten in a row. */
function startRows(services: readonly string[]): KnownBlock[] {
  const rows: KnownBlock[] = [];
  for (let from = 0; from < Math.min(services.length, 50); from += 10) {
    rows.push({
      type: 'actions',
      elements: services.slice(from, from + 10).map((service, index) => ({
        type: 'button' as const,
        action_id: actionId(ACTION.start, String(from + index)),
        text: plain(`Ship ${service}`, LIMITS.buttonText),
        value: encodeValue({ service: service.slice(0, 200), via: 'home' }),
        confirm: startDialog(service),
      })),
    });
  }
  return rows;
}
