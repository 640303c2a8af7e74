import { durationInWords } from '../text/duration.ts';

/** 0.0123 → `1.2 %`; more digits where there would be none. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return '0 %';
  if (value >= 10) return `${Math.round(value)} %`;
  return `${Number(value.toPrecision(value < 1 ? 1 : 2))} %`;
}

/** 0.0123 → `1.2 percentage points`. */
export function points(ratio: number): string {
  const value = Number((ratio * 100).toFixed(ratio * 100 >= 10 ? 0 : 1));
  return `${value} percentage ${value === 1 ? 'point' : 'points'}`;
}

export function milliseconds(ms: number): string {
  return ms >= 10_000
    ? `${Number((ms / 1_000).toPrecision(3))} s`
    : `${Number(ms.toPrecision(ms < 10 ? 2 : 3))} ms`;
}

/** `1 minute`, `3 minutes`. */
export function several(count: number, what: string): string {
  return `${Math.round(count)} ${what}${Math.round(count) === 1 ? '' : 's'}`;
}

/** ms → `30 s`, `1 minute`, `4 minutes`, `2 min 30 s`: how long something lasted. */
export function spell(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return ms === minutes * 60_000 && minutes < 60 ? several(minutes, 'minute') : durationInWords(ms);
}

/** 3120.4 → `3,120`. */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}
