import type { Verdict } from '../../domain/gates/gate.ts';
import type { JudgeVerdict } from '../../domain/judge/verdict.ts';
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

/** The first 7 digits of a commit, as git shows it. */
export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}
