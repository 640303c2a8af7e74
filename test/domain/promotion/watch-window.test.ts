import { describe, expect, test } from 'vitest';
import type { JudgeVerdict } from '../../../src/domain/judge/verdict.ts';
import type { MonitorView } from '../../../src/domain/promotion/promotion.ts';
import {
  afterTick,
  type Said,
  withBlindness,
  withReports,
} from '../../../src/domain/promotion/watch-window.ts';

const END = 100_000;
const POLICY = { checkpointMs: 50_000, rollsBack: false };
const seen = (verdict: JudgeVerdict, more: Partial<MonitorView> = {}): MonitorView => ({
  startedAt: 0,
  endsAt: END,
  tick: 1,
  judgement: { verdict, findings: [] },
  held: false,
  errorRates: [],
  blind: 0,
  reports: 0,
  ...more,
});
const said = (verdict: JudgeVerdict, more: Partial<Said> = {}): Said => ({
  verdict,
  at: 0,
  asked: false,
  ...more,
});

describe('after a tick', () => {
  test('critical rolls back where policy lets the evidence decide, and else alarms', () => {
    const rollsBack = { ...POLICY, rollsBack: true };
    expect(afterTick(seen('critical'), said('healthy'), 10, rollsBack)).toEqual({ kind: 'roll-back' });
    expect(afterTick(seen('critical'), said('critical'), 10, rollsBack)).toEqual({ kind: 'go-on' });
    expect(afterTick(seen('critical'), said('healthy'), 10, POLICY)).toMatchObject({
      kind: 'say',
      alarm: true,
      decision: 'warning',
    });
  });

  test('the window closes at its end when nothing speaks against the release', () => {
    expect(afterTick(seen('healthy'), said('healthy'), END, POLICY)).toEqual({ kind: 'close' });
    expect(afterTick(seen('healthy'), said('healthy'), END - 1, POLICY).kind).not.toBe('close');
    expect(afterTick(seen('healthy', { held: true }), said('healthy'), END, POLICY).kind).not.toBe('close');
  });

  test('at its end people are asked once when it is bad or not proven', () => {
    const asks = (verdict: JudgeVerdict) => afterTick(seen(verdict), said(verdict, { at: END }), END, POLICY);
    expect(asks('warning')).toEqual({ kind: 'say', alarm: true, decision: 'warning', asked: true });
    expect(asks('inconclusive')).toEqual({ kind: 'say', alarm: true, decision: 'unproven', asked: true });
    const answered = said('inconclusive', { at: END, asked: true });
    expect(afterTick(seen('inconclusive'), answered, END + 1, POLICY)).toEqual({ kind: 'go-on' });
  });

  test('it does not close while something looks like a rise', () => {
    const watching = afterTick(seen('watching'), said('watching', { at: END }), END, POLICY);
    expect(watching).toEqual({ kind: 'say', alarm: true, decision: 'unproven', asked: true });
  });

  test('the end of an alarm is said, and nothing else that is not proven', () => {
    const judgement = { verdict: 'inconclusive', findings: [], recovered: true } as const;
    expect(afterTick(seen('inconclusive', { judgement }), said('warning'), 10, POLICY)).toEqual({
      kind: 'say',
      alarm: false,
      decision: null,
      asked: false,
    });
    expect(afterTick(seen('inconclusive'), said('inconclusive'), 10, POLICY)).toEqual({ kind: 'go-on' });
  });

  test('too little seen right after a deploy is no news, going blind is', () => {
    expect(afterTick(seen('inconclusive'), said('watching'), 10, POLICY)).toEqual({ kind: 'go-on' });
    expect(afterTick(seen('inconclusive', { blind: 5 }), said('watching'), 10, POLICY).kind).toBe('say');
  });

  test('the thread hears at checkpoints, without an alarm', () => {
    const checkpoint = afterTick(seen('warning'), said('warning'), POLICY.checkpointMs, POLICY);
    expect(checkpoint).toEqual({ kind: 'say', alarm: false, decision: 'warning', asked: false });
  });
});

describe('what is added to a judgement', () => {
  test('blindness never lowers an alarm and never leaves production healthy', () => {
    const of = (verdict: JudgeVerdict, ticks: number) =>
      withBlindness({ verdict, findings: [] }, { ticks, tickMs: 30_000 }).verdict;
    expect([of('healthy', 4), of('healthy', 5), of('warning', 9), of('critical', 9)]).toEqual([
      'healthy',
      'inconclusive',
      'warning',
      'critical',
    ]);
  });

  test('blindness that the judge has said itself is not said twice', () => {
    const reason = 'Nothing was seen of production for 3 minutes.';
    const finding = { metric: 'error rate', verdict: 'inconclusive', unit: 'ratio', reason } as const;
    const blind = { ticks: 6, tickMs: 30_000 };
    expect(withBlindness({ verdict: 'inconclusive', findings: [finding] }, blind).findings).toEqual([
      finding,
    ]);
  });

  test('a report of a person warns and never is critical by itself', () => {
    const of = (verdict: JudgeVerdict, reports: number) =>
      withReports({ verdict, findings: [] }, reports, 'v1.3.0').verdict;
    expect([of('healthy', 0), of('healthy', 1), of('critical', 1)]).toEqual([
      'healthy',
      'warning',
      'critical',
    ]);
    expect(withReports({ verdict: 'healthy', findings: [] }, 2, 'v1.3.0').findings[0]?.reason).toBe(
      '2 problems were reported with v1.3.0.',
    );
  });
});
