import type { KnownBlock } from '@slack/types';
import { actionInWords } from '../../domain/audit/actions.ts';
import type { AuditRow } from '../../domain/documents/audit-words.ts';
import { requester } from '../card/people.ts';
import { count } from '../kit/labels.ts';
import { firstThatFits } from '../kit/limits.ts';
import {
  andMore,
  at,
  bold,
  code,
  type Inline,
  line,
  linked,
  listOf,
  type Message,
  para,
  rich,
  words,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';

/** One row of the audit, as far as people are shown it. */
export interface TrailRow extends AuditRow {
  readonly seq: number;
  readonly service?: string;
  readonly promotionId?: string;
  readonly source?: { readonly link?: string; readonly token?: string };
  readonly digestBefore?: string | null;
  readonly digestAfter?: string | null;
}

const SIGN = { done: '▫️', refused: '🚫', failed: '⚠️' } as const;

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
          ...listOf(shown.map(rowLine)),
          ...andMore(rows.length - shown.length),
          ...(rows.length > 0 ? [para(...foot)] : []),
        ),
      ];
    }),
  );
  return message(blocks);
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
    ...requester({ by: row.actor, token: row.source?.token }),
    ' ',
    line(actionInWords(row.action), 80),
    ...(about === undefined ? [] : [', ', line(about, 60)]),
    ...(result === 'done' ? [] : [`: ${result}`]),
    ...(typeof reason === 'string' ? [' (', line(reason, 80), ')'] : []),
    ...(hasMoved ? [', digest ', code(before.slice(0, 8), 8), ' → ', code(after.slice(0, 8), 8)] : []),
    ...(row.source?.link === undefined ? [] : [' ', linked(row.source.link, 'message', 20)]),
  ];
}
