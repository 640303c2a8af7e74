import type { Verdict } from '../../domain/gates/gate.ts';
import type { JudgeVerdict, MetricFinding } from '../../domain/judge/verdict.ts';
import type { PromotionState, StepName, StepProgress } from '../../domain/promotion/promotion.ts';

/** A sign is always shown with its word, for people who cannot see colours and pictures. */
export const STATE: Readonly<Record<PromotionState, { readonly sign: string; readonly words: string }>> = {
  checking: { sign: '🔍', words: 'Checking the gates' },
  blocked: { sign: '⛔', words: 'Blocked' },
  'awaiting-approval': { sign: '🔔', words: 'Waiting for approval' },
  releasing: { sign: '🏷️', words: 'Cutting the release' },
  deploying: { sign: '🚀', words: 'Deploying' },
  verifying: { sign: '🩺', words: 'Checking that production is healthy' },
  monitoring: { sign: '👀', words: 'Watching production' },
  'rolling-back': { sign: '↩️', words: 'Rolling back' },
  shipped: { sign: '✅', words: 'Shipped' },
  'rolled-back': { sign: '↩️', words: 'Rolled back' },
  failed: { sign: '❌', words: 'Failed' },
  cancelled: { sign: '🚫', words: 'Cancelled' },
  expired: { sign: '⌛', words: 'Expired' },
};

export const VERDICT: Readonly<Record<Verdict, { readonly sign: string; readonly words: string }>> = {
  passed: { sign: '✅', words: 'passed' },
  failed: { sign: '❌', words: 'failed' },
  pending: { sign: '⏳', words: 'pending' },
  unknown: { sign: '❔', words: 'unknown' },
  overridden: { sign: '🚨', words: 'overridden' },
};

export const JUDGE: Readonly<Record<JudgeVerdict, { readonly sign: string; readonly words: string }>> = {
  healthy: { sign: '🟢', words: 'healthy' },
  watching: { sign: '🔵', words: 'watching closely' },
  warning: { sign: '🟠', words: 'warning' },
  critical: { sign: '🔴', words: 'critical' },
  inconclusive: { sign: '⚪', words: 'not proven healthy' },
};

export const STEP: Readonly<Record<StepName, string>> = {
  verify: 'Check the gates',
  approve: 'Approvals',
  release: 'Cut the release',
  deploy: 'Deploy',
  health: 'Health checks',
  report: 'Ship report',
  monitor: 'Watch production',
  rollback: 'Roll back',
};

export const STEP_STATUS: Readonly<
  Record<StepProgress['status'], { readonly sign: string; readonly words: string }>
> = {
  waiting: { sign: '⬜', words: 'next' },
  running: { sign: '⏳', words: 'running' },
  done: { sign: '✅', words: 'done' },
  failed: { sign: '❌', words: 'failed' },
  skipped: { sign: '⏩', words: 'skipped' },
};

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? one : many}`;
}

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

const SEVERITY: readonly JudgeVerdict[] = ['critical', 'warning', 'inconclusive', 'watching', 'healthy'];

/** Worst first. */
export function bySeverity(findings: readonly MetricFinding[]): readonly MetricFinding[] {
  return [...findings].sort((a, b) => SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict));
}

/** The first 7 digits of a commit, as git shows it. */
export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}
