import { describe, expect, test } from 'vitest';
import { boundedAlerts, type FiringAlert } from '../../../src/domain/alerts/alert.ts';
import {
  alertFinding,
  alertsHeard,
  alertsUnheard,
  beginAlertWatch,
} from '../../../src/domain/alerts/alert-watch.ts';

const DEPLOYED = 1_900_000_000_000;
const alert = (id: string, more: Partial<FiringAlert> = {}): FiringAlert => ({
  id,
  name: id,
  critical: true,
  ...more,
});

/** One answer after the other; null: none. */
function finding(known: readonly string[] | null, answers: readonly (readonly FiringAlert[] | null)[]) {
  let watch = beginAlertWatch(known);
  for (const answer of answers) {
    const next =
      answer === null ? alertsUnheard(watch, 'connection refused') : alertsHeard(watch, answer, DEPLOYED);
    watch = JSON.parse(JSON.stringify(next)) as typeof next;
  }
  return alertFinding('Alertmanager', watch);
}

describe('an alert since the deploy', () => {
  test('is critical by itself where it is marked so, else it asks people', () => {
    expect(finding([], [[alert('Down')]])).toMatchObject({
      metric: 'alerts in Alertmanager',
      verdict: 'critical',
      reason: 'Critical alert Down fires since the deploy.',
      news: ['Alertmanager:Down'],
    });
    expect(finding([], [[alert('Slow', { critical: false })]])).toMatchObject({
      verdict: 'warning',
      reason: 'Alert Slow fires since the deploy.',
    });
  });

  test('counts by its identity, not by its name', () => {
    const [a, b] = [alert('1', { name: 'Down' }), alert('2', { name: 'Down' })];
    expect(finding(['1'], [[a]]).verdict).toBe('warning');
    expect(finding(['1'], [[a, b]])).toMatchObject({
      verdict: 'critical',
      reason: 'Critical alert Down fires since the deploy. Critical alert Down fires, as before the deploy.',
    });
  });

  test('does not count when it fired before, until it was over and fires again', () => {
    const old = [alert('Slow', { critical: false })];
    expect(finding(['Slow'], [old])).toMatchObject({
      verdict: 'healthy',
      reason: 'No alert fires that did not before the deploy.',
    });
    expect(finding(['Slow'], [old, [], [], [], [], [], old]).verdict).toBe('warning');
  });

  test('does not count when it came and went before, and still does', () => {
    const old = [alert('Flaps')];
    const answers = [[], old, [], [], [], [], old, null, [], null, old];
    expect(finding(['Flaps'], answers)).toMatchObject({
      verdict: 'warning',
      reason: 'Critical alert Flaps fires, as before the deploy.',
    });
  });

  test('does not count when it says that it is older: it began after the look before, or was silenced then', () => {
    const [older, younger] = [{ since: DEPLOYED - 1 }, { since: DEPLOYED }];
    expect(finding([], [[alert('Down', older)]])).toMatchObject({
      verdict: 'warning',
      reason: 'Critical alert Down fires, as before the deploy.',
    });
    expect(finding([], [[alert('Down', younger)]]).verdict).toBe('critical');
    const gaps = [[alert('Down', older)], [], [], [], [], [], [alert('Down', older)]];
    expect(finding(['Down'], gaps).verdict).toBe('warning');
  });

  test('that is over leaves a word', () => {
    expect(finding([], [[alert('Down')], []])).toMatchObject({
      verdict: 'healthy',
      reason: 'No alert fires. One that fired since the deploy is over.',
    });
  });
});

describe('a source that does not answer', () => {
  test('is never healthy, and never an alarm', () => {
    expect(finding([], [null])).toMatchObject({
      verdict: 'inconclusive',
      reason: 'Alertmanager does not answer (connection refused): what fires now is not known.',
    });
    expect(finding([], [[], null]).verdict).toBe('inconclusive');
  });

  test('does not end an alarm', () => {
    expect(finding([], [[alert('Down')], null]).verdict).toBe('critical');
  });

  test('before the deploy: what is older does not count, what may be older is only told', () => {
    const before = { since: DEPLOYED - 1 };
    expect(finding(null, [[alert('Down', before)]]).verdict).toBe('warning');
    expect(finding(null, [[alert('Down', { since: DEPLOYED + 1 })]]).verdict).toBe('critical');
    expect(finding(null, [[alert('Down')]])).toMatchObject({
      verdict: 'warning',
      reason: 'Alert Down fires; whether before the deploy too is not known.',
    });
    const over = [[], [], [], [], []];
    expect(finding(null, [[alert('Down', before)], ...over, [alert('Down')]]).verdict).toBe('critical');
    expect(finding(null, [[], [alert('New')]]).verdict).toBe('critical');
  });
});

test('a flood is cut, the critical ones stay, and each alert is there once', () => {
  const many = Array.from({ length: 2_000 }, (_, index) => alert(`a${index}`, { critical: index > 1_990 }));
  const kept = boundedAlerts([...many, ...many]);
  expect(kept).toHaveLength(500);
  expect(kept.slice(0, 9).every(({ critical }) => critical)).toBe(true);
  expect(boundedAlerts([alert('x'.repeat(5_000))])[0]?.name).toHaveLength(200);
  expect(boundedAlerts([alert('x', { url: `https://alerts.example/${'x'.repeat(500)}` })])).toEqual([
    alert('x'),
  ]);
  const old = Array.from({ length: 600 }, (_, index) => alert(`old${index}`, { since: DEPLOYED - index }));
  expect(boundedAlerts([...old, alert('new', { since: DEPLOYED + 1 })])[0]?.id).toBe('new');
  const words = finding([], [many.slice(1_985)]).reason;
  expect(words).toContain('a1991, a1992, a1993, a1994, a1995 and 4 more');
  expect(words.length).toBeLessThan(300);
});
