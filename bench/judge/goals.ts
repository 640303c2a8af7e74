import { BASELINES_MIN, BASES, nameOf, OUTAGES_RPS, RATES, RESTARTS_MIN } from './cells.ts';
import { type Figures, percent } from './figures.ts';
import { LATENCY_NULLS } from './latency-cells.ts';
import { HARD, STRESS } from './traffic.ts';

export interface Check {
  readonly goal: number;
  readonly what: string;
  readonly value: number;
  /** At most, or at least. */
  readonly most?: number;
  readonly least?: number;
  readonly unit: 'share' | 'min' | 'ms';
}

export const isHeld = ({ value, most, least }: Check) =>
  (most === undefined || value <= most) && (least === undefined || value >= least);

export function checkInWords(check: Check): string {
  const inUnit = (value: number) =>
    check.unit === 'share' ? `${percent(value)} %` : `${Number(value.toFixed(2))} ${check.unit}`;
  const limit = check.most === undefined ? `≥ ${inUnit(check.least ?? 0)}` : `≤ ${inUnit(check.most)}`;
  return `${isHeld(check) ? 'held  ' : 'MISSED'}  ${check.goal}  ${check.what}: ${inUnit(check.value)} (${limit})`;
}

/** The goals, with what was measured. `tickMs`: ten metrics, one tick of sixty. */
export function checksOf(figures: Figures, tickMs: number): readonly Check[] {
  const worst = (ids: readonly string[], of: 'warned' | 'critical') =>
    Math.max(...ids.map((id) => figures[of](id)));
  const most = (
    goal: number,
    what: string,
    ids: readonly string[],
    warned: number,
    critical: number,
  ): Check[] => [
    { goal, what: `${what}: warning`, value: worst(ids, 'warned'), most: warned, unit: 'share' },
    { goal, what: `${what}: critical`, value: worst(ids, 'critical'), most: critical, unit: 'share' },
  ];
  return [
    ...most(1, 'clean', idsOf(['clean']), 0.002, 0.001),
    ...most(1, 'messy', idsOf(['messy']), 0.02, 0.003),
    ...most(2, 'not tuned on', idsOf(Object.keys(STRESS)), 0.02, 0.01),
    ...most(2, 'AR(1) and hourly batch', idsOf(Object.keys(HARD)), 0.04, 0.01),
    ...most(2, 'base 5 %, messy', idsOf(['messy'], [0.05]), 1, 0.005).slice(1),
    ...most(3, 'short baselines', idsOf(BASELINES_MIN.map((min) => `${min} min before`)), 0.015, 1).slice(
      0,
      1,
    ),
    ...most(4, 'rolling restart', idsOf(RESTARTS_MIN.map((min) => `restart of ${min} min`)), 1, 0.005).slice(
      1,
    ),
    ...outages(figures),
    ...detection(figures),
    ...health(figures),
    ...latency(figures),
    { goal: 9, what: 'ten metrics, one tick of 60', value: tickMs, most: 5, unit: 'ms' },
  ];
}

function idsOf(names: readonly string[], bases: readonly number[] = BASES): string[] {
  return names.flatMap((name) => bases.flatMap((base) => RATES.map((rps) => nameOf(name, { rps, base }))));
}

function outages(figures: Figures): Check[] {
  return OUTAGES_RPS.flatMap((rps) =>
    [0, 20].map((from): Check => {
      const value = figures.minutes(`outage in tick ${from}, ${rps} rps`, 'critical', 0.9, from);
      const what = `outage ${from === 0 ? 'at once' : 'late'}, ${rps} rps: critical, p90`;
      return { goal: 5, what, value, most: rps < 0.5 ? 1.5 : 0.5, unit: 'min' };
    }),
  );
}

function detection(figures: Figures): Check[] {
  const warned = (id: string, least: number): Check => ({
    goal: 6,
    what: `${id}: warned`,
    value: figures.warned(id),
    least,
    unit: 'share',
  });
  const within = (
    id: string,
    part: number,
    most: number,
    alarm: 'warned' | 'critical' = 'warned',
    from = 0,
  ): Check => ({
    goal: 6,
    what: `${id}: ${alarm}, ${part === 0.5 ? 'median' : `p${part * 100}`}`,
    value: figures.minutes(id, alarm, part, from),
    most,
    unit: 'min',
  });
  const late = '+2 pp from minute 10, 20 rps';
  return [
    ...['+1 pp, 20 rps', '×5, 20 rps'].flatMap((id) => [
      warned(id, 0.99),
      within(id, 0.5, 5),
      within(id, 0.9, 6),
    ]),
    {
      goal: 6,
      what: '×10, 20 rps: critical',
      value: figures.critical('×10, 20 rps'),
      least: 0.97,
      unit: 'share',
    },
    within('×10, 20 rps', 0.5, 5, 'critical'),
    warned('×10, 2 rps', 0.96),
    within('×10, 2 rps', 0.5, 7),
    warned('×2, 200 rps', 1),
    within('×2, 200 rps', 0.9, 8),
    within(late, 0.5, 2, 'warned', 20),
  ];
}

function health(figures: Figures): Check[] {
  const atEnd = (id: string) => figures.share(id, ({ healthyAtEnd }) => healthyAtEnd);
  const at20 = (id: string) => figures.share(id, ({ healthyAt20Min }) => healthyAt20Min);
  const wrong = (what: string, ids: readonly string[], most: number): Check => ({
    goal: 7,
    what: `wrongly healthy, ${what}`,
    value: Math.max(...ids.map(atEnd)),
    most,
    unit: 'share',
  });
  const cleared = (id: string, least: number): Check => ({
    goal: 7,
    what: `healthy at 20 min, ${id}`,
    value: at20(id),
    least,
    unit: 'share',
  });
  return [
    wrong('+1 pp from the start', idsOf(['+1 pp']), 0.01),
    wrong(
      '+1 pp from the middle, 2 rps',
      BASES.map((base) => nameOf('+1 pp from the middle', { rps: 2, base })),
      0.04,
    ),
    cleared('nothing fails, 0 %, 2 rps', 1),
    cleared(nameOf('clean', { rps: 2, base: 0.002 }), 0.97),
    cleared(nameOf('clean', { rps: 2, base: 0.01 }), 0.65),
  ];
}

function latency(figures: Figures): Check[] {
  const within = (id: string, part: number, most: number): Check => ({
    goal: 8,
    what: `${id}: warned, ${part === 0.5 ? 'median' : `p${part * 100}`}`,
    value: figures.minutes(id, 'warned', part),
    most,
    unit: 'min',
  });
  return [
    within('latency +100 %, 2 rps', 0.9, 4),
    within('latency +100 %, 20 rps', 0.9, 4),
    within('latency +25 %, 20 rps', 0.9, 9.5),
    ...LATENCY_NULLS.map(
      ({ id }): Check => ({
        goal: 8,
        what: `${id}: warning`,
        value: figures.warned(id),
        most: 0.01,
        unit: 'share',
      }),
    ),
  ];
}
