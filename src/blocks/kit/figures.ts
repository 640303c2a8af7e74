import type { MetricFinding } from '../../domain/judge/verdict.ts';

/** `▰▰▰▱▱▱`: the share that is done, 0..1; values outside are clamped. */
export function bar(part: number, width = 10): string {
  const full = Math.round(Math.min(1, Math.max(0, Number.isFinite(part) ? part : 0)) * width);
  return '▰'.repeat(full) + '▱'.repeat(width - full);
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One character per value; the full one is `top` or the highest value. `·` where nothing was measured. */
export function sparkline(values: readonly (number | null)[], top = 0): string {
  const highest = values.reduce<number>((max, value) => Math.max(max, value ?? 0), top);
  return values
    .map((value) => {
      if (value === null) return '·';
      if (highest <= 0) return LEVELS[0];
      return LEVELS[
        Math.min(LEVELS.length - 1, Math.max(0, Math.round((value / highest) * (LEVELS.length - 1))))
      ];
    })
    .join('');
}

/** 0.0123 → `1.23 %`; small rates keep two significant digits. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return '0 %';
  if (value >= 10) return `${value.toFixed(0)} %`;
  return `${Number(value.toPrecision(value < 0.1 ? 1 : 2))} %`;
}

function figure(value: number, unit: MetricFinding['unit']): string {
  if (unit === 'ratio') return percent(value);
  if (unit === 'count') return value.toLocaleString('en');
  return value >= 10_000
    ? `${(value / 1_000).toFixed(1)} s`
    : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

/** `0.4 % now, 0.2 % before`; empty when nothing was measured. */
export function figures(finding: MetricFinding): string {
  const parts: string[] = [];
  if (finding.now !== undefined) parts.push(`${figure(finding.now, finding.unit)} now`);
  if (finding.baseline !== undefined) parts.push(`${figure(finding.baseline, finding.unit)} before`);
  return parts.join(', ');
}
