import type { KnownBlock, RichTextBlock, RichTextBlockElement, TableBlock } from '@slack/types';
import { type GateResult, letsGoOn } from '../../domain/gates/gate.ts';
import { clean, truncate } from '../kit/escape.ts';
import { count, VERDICT } from '../kit/labels.ts';
import { at, bold, bullets, type Inline, line, linked, para, person, rich, words } from '../kit/rich-text.ts';

/** Slack allows 100 rows with the head. */
const MOST_ROWS = 40;

/** `7 of 7 gates passed`; `2 of 7 gates failed`. */
export function gateSummary(gates: readonly GateResult[]): string {
  const of = (verdict: GateResult['verdict']) => gates.filter((gate) => gate.verdict === verdict).length;
  const passed = of('passed');
  if (passed === gates.length) return `All ${count(gates.length, 'gate')} passed`;
  const rest = (['failed', 'unknown', 'pending', 'overridden'] as const)
    .filter((verdict) => of(verdict) > 0)
    .map((verdict) => `${of(verdict)} ${VERDICT[verdict].words}`);
  return `${passed} of ${count(gates.length, 'gate')} passed, ${rest.join(', ')}`;
}

/**
 * One row per gate: its title, its verdict, its reason. Those that block the promotion come first. Those that passed
 * may share the last row, so that the others are seen.
 */
export function gateTable(
  gates: readonly GateResult[],
  reasonMax: number,
  passed: 'each' | 'together' = 'each',
): TableBlock {
  const together = passed === 'together' ? gates.filter(({ verdict }) => verdict === 'passed') : [];
  const each = together.length > 1 ? gates.filter(({ verdict }) => verdict !== 'passed') : gates;
  const rows = alike(inOrder(each), ({ verdict, reason }) => (verdict === 'passed' ? null : reason))
    .slice(0, MOST_ROWS)
    .map(({ titles, gate }) => [
      cell(titles, 80 * 4),
      verdictCell(gate.verdict),
      reasonCell(gate, reasonMax),
    ]);
  if (together.length > 1) {
    const titles = together.map(({ title }) => title).join(', ');
    rows.push([cell(count(together.length, 'gate'), 80), verdictCell('passed'), cell(titles, 4 * reasonMax)]);
  }
  return {
    type: 'table',
    column_settings: [{ is_wrapped: true }, {}, { is_wrapped: true }],
    rows: [[cell('Gate', 10), cell('Result', 10), cell('Why', 10)], ...rows],
  };
}

/** The reasons of gates that passed and are marked notable. */
export function notableGates(gates: readonly GateResult[], textMax: number): RichTextBlockElement[] {
  const items = gates
    .filter(({ verdict, notable }) => verdict === 'passed' && notable === true)
    .map((gate): readonly Inline[] => [
      ...why(gate, textMax),
      ...(gate.link ? [' ', linked(gate.link, 'open', 20)] : []),
    ]);
  return items.length > 0 ? [bullets(items)] : [];
}

/** What to do about each gate that blocks the promotion. */
export function gateRemedies(gates: readonly GateResult[], most: number, textMax: number): KnownBlock[] {
  const open = inOrder(gates).filter((gate) => !letsGoOn(gate) && gate.verdict !== 'pending');
  if (open.length === 0) return [];
  const groups = alike(open, ({ remedy, reason }) => remedy ?? reason);
  const items = groups
    .slice(0, most)
    .map(({ titles, gate }): readonly Inline[] => [
      bold(titles, 80 * 4),
      ` (${VERDICT[gate.verdict].words}): `,
      ...(gate.moment || gate.by ? [...why(gate, textMax), '. '] : []),
      line(gate.remedy ?? gate.reason, textMax),
      ...(gate.link ? [' ', linked(gate.link, 'open', 20)] : []),
    ]);
  const more = groups.length - items.length;
  return [
    rich(
      para(bold('What to do')),
      bullets(items),
      ...(more > 0 ? [para(`and ${count(more, 'more gate')}: see Details.`)] : []),
    ),
  ];
}

/** Gates of which the same is to be said, together: nobody reads one sentence four times. Null: said by itself. */
export function alike(
  gates: readonly GateResult[],
  saying: (gate: GateResult) => string | null,
): readonly { readonly titles: string; readonly gate: GateResult }[] {
  const groups = new Map<string, { titles: string; readonly gate: GateResult }>();
  for (const [index, gate] of gates.entries()) {
    const { verdict, title, link, by, moment } = gate;
    const said = link || by || moment ? null : saying(gate);
    const key = said === null ? String(index) : `${verdict} ${said}`;
    const known = groups.get(key);
    if (known) known.titles += `, ${title}`;
    else groups.set(key, { titles: title, gate });
  }
  return [...groups.values()];
}

function cell(text: string, max: number): { type: 'raw_text'; text: string } {
  return { type: 'raw_text', text: truncate(clean(text), max) || '–' };
}

function verdictCell(verdict: GateResult['verdict']) {
  return cell(`${VERDICT[verdict].sign} ${VERDICT[verdict].words}`, 40);
}

function reasonCell(gate: GateResult, max: number): RichTextBlock | { type: 'raw_text'; text: string } {
  if (!gate.link && !gate.moment && !gate.by) return cell(gate.reason, max);
  return rich(para(...why(gate, max), ...(gate.link ? [' ', linked(gate.link, 'open', 20)] : [])));
}

/** The reason of a gate, with the person and the time that belong to it. */
export function why({ reason, by, moment }: GateResult, max: number): readonly Inline[] {
  return [
    line(reason || '–', max),
    ...(by ? [', by ', person(by)] : []),
    ...(moment ? [words(`${by ? ', ' : ' '}${moment.words} `, 60), at(moment.at)] : []),
  ];
}

const ORDER: readonly GateResult['verdict'][] = ['failed', 'unknown', 'pending', 'overridden', 'passed'];

function inOrder(gates: readonly GateResult[]): readonly GateResult[] {
  return [...gates].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}
