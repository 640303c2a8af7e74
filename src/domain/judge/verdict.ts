export type JudgeVerdict = 'healthy' | 'watching' | 'warning' | 'critical' | 'inconclusive';

/** Figures of one metric, before and after: ratios 0..1 for error rates, ms for latency. */
export interface MetricFinding {
  /** `error rate`, `latency p95`, `critical alerts`. */
  readonly metric: string;
  readonly verdict: JudgeVerdict;
  readonly baseline?: number;
  readonly now?: number;
  readonly unit: 'ratio' | 'ms' | 'count';
  /** Why, in plain words. */
  readonly reason: string;
  /** Where people read more of it. */
  readonly link?: string;
  /** Ids of what is in it that the thread has to hear of when it comes; absent: nothing. */
  readonly news?: readonly string[];
  /** It is told in the thread once, and stays on the card. */
  readonly once?: true;
}

export interface Judgement {
  /** The worst of the findings. */
  readonly verdict: JudgeVerdict;
  readonly findings: readonly MetricFinding[];
  /** An alarm ended, and none stands. */
  readonly recovered?: true;
}

const ORDER: readonly JudgeVerdict[] = ['healthy', 'inconclusive', 'watching', 'warning', 'critical'];

/** An alarm counts before what is not proven, and that before what is. */
export function worstVerdict(verdicts: readonly JudgeVerdict[]): JudgeVerdict {
  return ORDER[Math.max(...verdicts.map((verdict) => ORDER.indexOf(verdict)))] ?? 'inconclusive';
}

const SEVERITY: readonly JudgeVerdict[] = ['critical', 'warning', 'inconclusive', 'watching', 'healthy'];

/** Worst first. */
export function bySeverity(findings: readonly MetricFinding[]): readonly MetricFinding[] {
  return [...findings].sort((a, b) => SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict));
}

/** With what else is known of production; no alarm has ended while another stands. */
export function withFindings(judgement: Judgement, findings: readonly MetricFinding[]): Judgement {
  if (findings.length === 0) return judgement;
  const verdict = worstVerdict([judgement.verdict, ...findings.map((finding) => finding.verdict)]);
  const { recovered, ...rest } = judgement;
  const isBad = verdict === 'warning' || verdict === 'critical';
  return {
    ...rest,
    verdict,
    findings: [...judgement.findings, ...findings],
    ...(recovered && !isBad ? { recovered } : {}),
  };
}
