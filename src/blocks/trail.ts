import type { KnownBlock } from '@slack/types';
import { firstThatFits } from './limits.ts';
import { spoken } from './notices/content.ts';
import {
  at,
  bold,
  bullets,
  code,
  type Inline,
  line,
  linked,
  type Message,
  para,
  person,
  rich,
  words,
} from './rich.ts';
import { count } from './words.ts';

/** One row of the audit, as far as people are shown it. */
export interface TrailRow {
  readonly seq: number;
  /** ms since the epoch */
  readonly at: number;
  /** Slack user id, or `slipway`. */
  readonly actor: string;
  readonly action: string;
  readonly result: 'done' | 'refused' | 'failed';
  readonly service?: string;
  readonly promotionId?: string;
  readonly source?: { readonly link?: string };
  readonly digestBefore?: string | null;
  readonly digestAfter?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

const SIGN = { done: '▫️', refused: '🚫', failed: '⚠️' } as const;

/** What people did, in their words; everything else is said as it is named. */
const WORDS: Readonly<Partial<Record<string, string>>> = {
  'promotion.opened': 'asked for a promotion',
  'approval.given': 'approved',
  'approval.declined': 'declined',
  'approval.withdrawn': 'took the approval back',
  'promotion.recheck': 'asked for a re-check',
  'promotion.bump': 'chose another version',
  'promotion.cancel': 'asked to cancel',
  'promotion.retry': 'asked to try again',
  'promotion.extend': 'asked for a longer watch',
  'promotion.hold': 'held the window open',
  'promotion.release-hold': 'released the hold',
  'promotion.accept': 'accepted it as it is',
  'promotion.report': 'reported a problem',
  'rollback.requested': 'asked for a rollback',
  'lock.taken': 'locked',
  'lock.released': 'unlocked',
  'line.joined': 'joined the line',
  'plan.seen': 'looked at the plan',
};

/** `/ship-prod history shop --audit`: who did what and when, newest first, each with its message. */
export function auditTrail(rows: readonly TrailRow[], service?: string): Message {
  const of = service ? ` of ${service}` : '';
  const head: Inline[] =
    rows.length === 0
      ? [words(`The audit${of} is empty.`)]
      : [bold(`The last ${count(rows.length, 'entry', 'entries')} of the audit${of}`)];
  const foot: Inline[] = [
    'All of it, and whether anybody changed it: ',
    code('slipway audit export'),
    ' and ',
    code('slipway audit verify'),
    '.',
  ];
  const blocks = firstThatFits(
    [rows.length, 15, 8, 4].map((most) => (): KnownBlock[] => {
      const shown = rows.slice(0, most);
      return [
        rich(
          para(...head),
          ...(shown.length > 0 ? [bullets(shown.map(rowLine))] : []),
          ...(shown.length < rows.length
            ? [para(`and ${count(rows.length - shown.length, 'more', 'more')}`)]
            : []),
          ...(rows.length > 0 ? [para(...foot)] : []),
        ),
      ];
    }),
  );
  return { text: spoken(head), blocks };
}

function rowLine(row: TrailRow): readonly Inline[] {
  const { result, detail, digestBefore: before, digestAfter: after } = row;
  const about = row.promotionId ?? row.service;
  const reason = detail?.['code'] ?? detail?.['reason'];
  const hasMoved = before && after && before !== after;
  return [
    `${SIGN[result]} `,
    at(row.at),
    ' ',
    person(row.actor),
    ' ',
    line(
      (Object.hasOwn(WORDS, row.action) ? WORDS[row.action] : undefined) ??
        row.action.replaceAll(/[._-]/g, ' '),
      60,
    ),
    ...(about === undefined ? [] : [', ', line(about, 60)]),
    ...(result === 'done' ? [] : [`: ${result}`]),
    ...(typeof reason === 'string' ? [' (', line(reason, 80), ')'] : []),
    ...(hasMoved ? [', digest ', code(before.slice(0, 8), 8), ' → ', code(after.slice(0, 8), 8)] : []),
    ...(row.source?.link === undefined ? [] : [' ', linked(row.source.link, 'message', 20)]),
  ];
}
