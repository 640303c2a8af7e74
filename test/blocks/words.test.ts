import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { card } from '../../src/blocks/card/card.ts';
import { details } from '../../src/blocks/card/details.ts';
import { home } from '../../src/blocks/home.ts';
import { declineForm, overrideForm, reportForm, unlockForm } from '../../src/blocks/modals/reason-forms.ts';
import { bumpForm, startForm } from '../../src/blocks/modals/start-form.ts';
import { problem } from '../../src/blocks/replies/answer.ts';
import { confirmation } from '../../src/blocks/replies/confirm.ts';
import { help } from '../../src/blocks/replies/help.ts';
import { history } from '../../src/blocks/replies/history.ts';
import { lockDone, locked, lockTaken, unlocked, unlockSaid } from '../../src/blocks/replies/locks.ts';
import { planMessage } from '../../src/blocks/replies/plan.ts';
import { busy, held, refusal } from '../../src/blocks/replies/refusal.ts';
import { chooseService, inQueue, promptMessage, started } from '../../src/blocks/replies/start.ts';
import { status } from '../../src/blocks/replies/status.ts';
import { notice } from '../../src/blocks/thread/notice.ts';
import { threadStatus } from '../../src/blocks/thread/status.ts';
import { AUDIT_ACTIONS } from '../../src/domain/audit/actions.ts';
import { judgeChecks } from '../../src/domain/judge/checks.ts';
import { inTicks } from '../../src/domain/judge/in-ticks.ts';
import { judge } from '../../src/domain/judge/judge.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import { CATALOGUE } from '../../src/domain/refusals/catalogue.ts';
import { explain } from '../../src/domain/refusals/explain.ts';
import { recalledRefusal } from '../../src/domain/refusals/refusal.ts';
import type { RefusalFacts } from '../../src/domain/refusals/sentence.ts';
import { latencies, randomFrom, ticks, times } from '../domain/judge/samples.ts';
import { asText } from '../support/as-text.ts';
import * as fixtures from './fixtures.ts';
import { said } from './said.ts';
import { deployed, entry, threadUrl } from './shown.ts';

/** Words that only those who build Slipway know. What comes from outside may have them: fixtures do not. */
const OURS =
  /\b(ticks?|digests?|verdicts?|barriers?|epochs?|journal(ed)?|idempotent|outbox|ledger|payload|judgements?|quorum|chronicle|tally|desk|courier|checkpoint|baseline|e-values?)\b/i;
/** Names of settings and commands are typed as they are; whoever reads them looks at the configuration. */
const TYPED = /`[^`]*`|\bmonitor\.\w+|slipway [a-z-]+( [a-z-]+)?/g;
const MOST_WORDS = 120;
const MEDIAN_WORDS = 35;

const messages = said.map(([event, about]) => [event.kind, asText(notice(event, about).blocks)] as const);
const cards = Object.entries(fixtures.views).flatMap(([name, view]) => [
  [name, asText(card(view).blocks)] as const,
  [`${name}, its details`, asText(details(view).blocks as KnownBlock[])] as const,
  [`${name}, its dialogs`, dialogsIn(card(view).blocks)] as const,
  [
    `${name}, its status`,
    threadStatus(view.promotion, view.approvals, view.service, fixtures.T0).text,
  ] as const,
]);

const { T0 } = fixtures;
const lock = { service: 'shop', owner: 'U0KIM', reason: 'migration', until: T0 };
const shipped = entry('shipped', { ...deployed, release: fixtures.release, plan: fixtures.plan });
const explained = { text: 'It is busy.', hint: 'Wait.' };
const replies: Readonly<Record<string, readonly unknown[]>> = {
  home: [home({ open: [shipped], last: [shipped], locks: [lock], services: ['shop'] })],
  forms: [
    startForm({
      services: ['shop'],
      features: [{ slug: '014', ready: true }],
      service: 'shop',
      metadata: {},
    }),
    overrideForm({ service: 'shop', over: ['Locked'], metadata: { via: 'command' } }),
    reportForm(shipped.promotion, ''),
    bumpForm(shipped.promotion),
    declineForm(shipped.promotion),
    unlockForm({ ...lock, since: T0 }),
  ],
  lists: [
    history([shipped], 'shop'),
    status({ entries: [shipped], locks: [lock], idle: ['docs'] }),
    planMessage({ service: fixtures.service, gates: fixtures.blockedGates, plan: fixtures.plan }),
    help(),
  ],
  locks: [
    locked(lock, lock),
    lockDone(lock, '24h'),
    locked(lock, null, '24h'),
    unlocked(lock, [lock], []),
    unlockSaid(lock, 'U0KIM', 'mended'),
    lockTaken(lock, lock),
  ],
  answers: [
    refusal(explained, {}),
    busy(explained, {}, { service: 'shop' }, threadUrl),
    held(explained, {}, { service: 'shop' }, true),
    chooseService(['shop']),
    started(shipped.promotion),
    inQueue('shop', 2),
    problem('4f1c'),
    ...(['rollback', 'hold'] as const).map((kind) => confirmation(shipped.promotion, { kind })),
    confirmation(shipped.promotion, { kind: 'extend', ms: 900_000 }),
  ],
  prompts: (['started', 'offered-anew', 'not-ready', null] as const).flatMap((kind) =>
    (['offer', 'turn'] as const).map((asked) =>
      promptMessage(
        { kind: asked, service: 'shop', user: 'U0KIM', because: 'phase: ship-prod' },
        kind && (kind === 'started' ? { kind, by: 'U0KIM', at: T0 } : { kind, at: T0 }),
      ),
    ),
  ),
};

/** All that is written on buttons, in dialogs, fields and messages; not what only the bot reads. */
function textsIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(textsIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'text' && typeof value === 'string' ? [value] : key === 'metadata' ? [] : textsIn(value),
  );
}

function dialogsIn(blocks: readonly KnownBlock[]): string {
  return textsIn(
    blocks.map((block) =>
      block.type === 'actions'
        ? block.elements.map((element) => ('confirm' in element ? element.confirm : null))
        : null,
    ),
  ).join('\n');
}

/** What a watch says of production, over bad and good times. */
function findings(): readonly (readonly [string, string])[] {
  const random = randomFrom(5);
  const good = { total: 600, errors: 1, latency: latencies(600, 100, random) };
  const slow = { ...good, latency: latencies(600, 400, random) };
  const percentiles = (ms: number) => ({ total: 600, errors: 1, percentiles_ms: { p95: ms } });
  const lives: readonly (readonly [
    string,
    readonly Parameters<typeof times>[1][],
    readonly Parameters<typeof times>[1][],
  ])[] = [
    [
      'errors',
      times(120, good),
      [...times(5, good), ...times(4, { ...good, errors: 300 }), ...times(12, good)],
    ],
    ['slow', times(120, good), [...times(4, good), ...times(12, slow), ...times(12, good)]],
    [
      'percentiles',
      times(120, percentiles(200)),
      [...times(20, percentiles(200)), ...times(20, percentiles(900))],
    ],
    [
      'traffic',
      times(120, good),
      [...times(5, good), ...times(4, { total: 0, errors: 0 }), ...times(8, good)],
    ],
    ['blind', times(120, good), [...times(5, good), ...times(8, null), ...times(3, good)]],
    ['nothing before', [], times(6, good)],
  ];
  const rules = { tickMs: 30_000, settleMs: 0, errorRateRise: 0.01, latencyRise: 0.1, counts: {} };
  return lives.flatMap(([name, before, after]) => {
    const asSamples = (phase: Sample['phase'], all: typeof before) =>
      ticks(
        phase,
        all.filter((one) => one !== null),
      );
    const baseline = inTicks(asSamples('baseline', before), { tickMs: 30_000 });
    const start = judge.begin(baseline, rules);
    let state = null as Parameters<typeof judge.tick>[1];
    return ticks('after', after).map((sample, index) => {
      const judged = judge.tick(start, state, after[index] === null ? null : sample);
      state = judged.state;
      return [name, judged.judgement.findings.map(({ reason }) => reason).join('\n')] as const;
    });
  });
}

const checks = ['failed', 'failed', 'failed', 'ok', 'failed', 'ok', 'ok', 'unasked'] as const;
function checkFindings(): string[] {
  let standings: Parameters<typeof judgeChecks>[0] = {};
  return checks.map((outcome) => {
    const judged = judgeChecks(standings, [{ name: 'cache', critical: true, outcome, detail: 'as seen' }]);
    standings = judged.standings;
    return judged.findings.map(({ reason }) => reason).join('\n');
  });
}

/** The buttons are no sentence. */
const wordsIn = (text: string) =>
  text
    .replaceAll(/\[ [^\]]* \](?:\(\w+\))?\??/g, '')
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;

const ours = (text: string) => text.replaceAll(TYPED, '').match(OURS)?.[0] ?? null;

describe('what people read', () => {
  it.each([...messages, ...cards])('%s: no word that only Slipway uses', (_name, text) => {
    expect(ours(text), text).toBeNull();
  });

  it.each(Object.entries(replies))('%s: no word that only Slipway uses', (_name, shown) => {
    for (const text of textsIn(shown)) expect(ours(text), text).toBeNull();
  });

  it('neither has any refusal', () => {
    // Facts come from outside.
    const facts = new Proxy<RefusalFacts>({}, { get: () => 'something' });
    const found = Object.keys(CATALOGUE).flatMap((code) => {
      const { text, hint = '' } = explain({ ...recalledRefusal(code, {}), facts });
      const word = ours(`${text} ${hint}`);
      return word === null ? [] : [`${code}: ${word}`];
    });
    expect(found).toEqual([]);
  });

  it('nor what a watch finds', () => {
    const all = [...findings().map(([name, text]) => `${name}: ${text}`), ...checkFindings()];
    expect(all.join(' ')).toMatch(
      /beyond chance[\s\S]*Recovered: calm for[\s\S]*Nothing was seen of production for/,
    );
    expect(all.flatMap((text) => ours(text) ?? [])).toEqual([]);
  });

  it('nor what the audit says that somebody did', () => {
    expect(Object.values(AUDIT_ACTIONS).flatMap((words) => ours(String(words)) ?? [])).toEqual([]);
  });

  it('is short: a message has 35 words in the middle, and none more than 120', () => {
    const counts = messages.map(([, text]) => wordsIn(text)).toSorted((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(MEDIAN_WORDS);
    expect(messages.filter(([, text]) => wordsIn(text) > MOST_WORDS)).toEqual([]);
  });
});
