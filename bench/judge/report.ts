import { BASES, nameOf, PEERS, percentOf, RATES } from './cells.ts';
import { type Figures, percent } from './figures.ts';
import { HARD, STRESS } from './traffic.ts';

/** Share of healthy windows with an alarm: each judge, at 2 / 20 / 200 requests a second. */
export function falseAlarmTable(figures: Figures): string {
  const situations = ['clean', 'messy'].flatMap((what) => BASES.map((base) => ({ what, base })));
  const row = (name: string, of: (id: string) => number) =>
    `| ${name} | ${situations
      .map(({ what, base }) => RATES.map((rps) => percent(of(nameOf(what, { rps, base })))).join(' / '))
      .join(' | ')} |`;
  return [
    `| judge, on errors | ${situations.map(({ what, base }) => `${what}, base ${percentOf(base)}`).join(' | ')} |`,
    `|---|${situations.map(() => '---|').join('')}`,
    ...PEERS.map(({ name }) => row(name, (id) => figures.peer(id, name))),
    row('**Slipway, warning**', (id) => figures.warned(id)),
    row('**Slipway, critical**', (id) => figures.critical(id)),
  ].join('\n');
}

/** The same of Slipway's judge in situations that it was not tuned on: warnings, then criticals. */
export function stressTable(figures: Figures): string {
  const cells = (what: string, base: number) =>
    (['warned', 'critical'] as const)
      .map((of) => RATES.map((rps) => percent(figures[of](nameOf(what, { rps, base })))).join(' / '))
      .join(' · ');
  return [
    `| warning · critical | ${BASES.map((base) => `base ${percentOf(base)}`).join(' | ')} |`,
    '|---|---|---|',
    ...Object.keys({ ...STRESS, ...HARD }).map(
      (what) => `| ${what} | ${BASES.map((base) => cells(what, base)).join(' | ')} |`,
    ),
  ].join('\n');
}

const DETECTED = [
  '+1 pp, 20 rps',
  '×5, 20 rps',
  '×10, 20 rps',
  '×10, 2 rps',
  '×2, 200 rps',
  'latency +100 %, 2 rps',
  'latency +100 %, 20 rps',
  'latency +25 %, 20 rps',
  'latency cold start of 6 min, 20 rps',
  'latency mix from 5 to 7 %, 20 rps',
];

/** How soon Slipway's judge sees what is wrong, in minutes after the deploy. */
export function detectionTable(figures: Figures): string {
  const minutes = (value: number) => (Number.isFinite(value) ? value.toFixed(1) : 'never');
  return [
    '| base 0.2 % | warned | median / p90, min | critical | median, min |',
    '|---|---|---|---|---|',
    ...DETECTED.map(
      (id) =>
        `| ${id} | ${percent(figures.warned(id))} % | ${[0.5, 0.9].map((part) => minutes(figures.minutes(id, 'warned', part))).join(' / ')} | ${percent(figures.critical(id))} % | ${minutes(figures.minutes(id, 'critical', 0.5))} |`,
    ),
  ].join('\n');
}
