import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { card, smallCard } from '../../src/blocks/card/card.ts';
import { details } from '../../src/blocks/card/details.ts';
import { home } from '../../src/blocks/home.ts';
import type { CardView } from '../../src/blocks/kit/views.ts';
import { overrideForm, reportForm } from '../../src/blocks/modals/reason-forms.ts';
import { bumpForm, startForm } from '../../src/blocks/modals/start-form.ts';
import { plainAnswer, problem } from '../../src/blocks/replies/answer.ts';
import { auditTrail } from '../../src/blocks/replies/audit-trail.ts';
import { history } from '../../src/blocks/replies/history.ts';
import { lockDone, locked, lockTaken, unlocked, unlockSaid } from '../../src/blocks/replies/locks.ts';
import { planMessage } from '../../src/blocks/replies/plan.ts';
import { busy, held, refusal } from '../../src/blocks/replies/refusal.ts';
import { chooseService, inQueue, offer, started } from '../../src/blocks/replies/start.ts';
import { status } from '../../src/blocks/replies/status.ts';
import { adopted, adoption } from '../../src/blocks/replies/vouch.ts';
import { notice } from '../../src/blocks/thread/notice.ts';
import { threadStatus } from '../../src/blocks/thread/status.ts';
import { incidentReport } from '../../src/domain/documents/incident.ts';
import { HIDING, leftIn, withText } from '../support/hidden.ts';
import * as plainFixtures from './fixtures.ts';
import { said } from './said.ts';
import { deployed, entry, threadUrl } from './shown.ts';

const hiding = <T>(value: T): T => withText(value, plainFixtures.EVIL, HIDING);
const fixtures = hiding({ ...plainFixtures });
const { T0, promotion, service, gates, plan } = fixtures;
const release = { ...fixtures.release, version: HIDING, tag: `v${HIDING}` };
const lock = { service: HIDING, owner: 'U0KIM', reason: HIDING, until: T0 };
const listed = hiding(entry('shipped', { ...deployed, release, plan }));
const explained = { text: `It is ${HIDING}.`, hint: `Do ${HIDING}.` };
const wanted = { service: HIDING, feature: HIDING, note: HIDING };
const evil = promotion('shipped', { plan, release, gates });
const view: CardView = { promotion: evil, approvals: [], service };

/** Every text that Slack is given, by where it is shown; each with outside text wherever it can be. */
const SURFACES: Readonly<Record<string, () => readonly unknown[]>> = {
  card: () => Object.values(fixtures.views).flatMap((one) => [card(one), smallCard(one)]),
  'card of a release': () => [card(view), smallCard(view)],
  details: () => Object.values(fixtures.views).map(details),
  thread: () => hiding(said).map(([one, about]) => notice(one, about)),
  'status in the thread': () =>
    Object.values(fixtures.views).map((one) => threadStatus(one.promotion, one.approvals, one.service, T0)),
  home: () => [home({ open: [listed], last: [listed], locks: [lock], services: [HIDING] })],
  'start form': () => [
    startForm({
      services: [HIDING],
      features: [{ slug: HIDING, ready: true }],
      service: HIDING,
      feature: HIDING,
      metadata: {},
    }),
  ],
  'override form': () => [overrideForm({ service: HIDING, over: [HIDING], metadata: { via: 'command' } })],
  'report form': () => [reportForm(evil, HIDING)],
  'bump form': () => [bumpForm(evil)],
  history: () => [history([listed], HIDING)],
  status: () => [status({ entries: [listed], locks: [lock], idle: [HIDING] })],
  plan: () => [planMessage({ service, gates, plan, feature: HIDING })],
  audit: () => [
    auditTrail(
      [
        {
          seq: 1,
          at: T0,
          actor: HIDING,
          action: HIDING,
          result: 'done',
          detail: { reason: HIDING, to: HIDING, tag: HIDING },
          service: HIDING,
          promotionId: HIDING,
        },
      ],
      HIDING,
    ),
  ],
  locks: () => [
    locked(lock),
    lockDone(lock, HIDING),
    unlocked(lock, [lock], []),
    unlockSaid(lock, HIDING),
    lockTaken(lock, lock),
  ],
  refusals: () => [
    refusal(explained, { who: HIDING }),
    busy(explained, {}, wanted, threadUrl),
    held(explained, {}, wanted, true),
  ],
  offers: () => [
    offer({ kind: 'offer', ...wanted, because: HIDING }),
    chooseService([HIDING]),
    started(evil),
    inQueue(HIDING, 2),
  ],
  adoption: () => [adoption(HIDING, release, undefined), adopted(HIDING, release)],
  answers: () => [plainAnswer(HIDING), problem(HIDING)],
};

describe('nothing that Slack shows hides anything', () => {
  test.each(Object.entries(SURFACES))('%s', (_where, render) => {
    let escapes = 0;
    for (const shown of render()) {
      visit(shown, (key, text) => {
        // What only the bot reads, and what people typed into a field of theirs.
        if (['value', 'private_metadata', 'initial_value', 'action_id', 'block_id'].includes(key)) return;
        // The fallback text has word joiners of our own between the halves of what Slack would make a link of.
        const own = key === 'text' ? ['2060'] : [];
        expect(
          leftIn(text).filter((left) => !own.includes(left)),
          text,
        ).toEqual([]);
        if (text.includes('\\u{200b}')) escapes++;
      });
    }
    expect(escapes).toBeGreaterThan(0);
  });

  test('no other file makes text for Slack than those that write it out', () => {
    const places = ['src/blocks', 'src/handlers', 'src/jobs', 'src/adapters/slack'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name}`),
    );
    const makers = places.filter((file) =>
      /type: '(?:mrkdwn|plain_text|text|raw_text|markdown)',? *(?:text|\n)/.test(readFileSync(file, 'utf8')),
    );
    expect(makers).toEqual(['src/blocks/card/gates.ts', 'src/blocks/kit/rich-text.ts']);
  });
});

test('the documents that are written into the repository hide nothing either', () => {
  const [rolledBack] = hiding([
    { to: fixtures.before, by: null, reason: HIDING, startedAt: T0, finishedAt: T0 },
  ]);
  const incident = incidentReport({
    service: HIDING,
    plan,
    release,
    rollback: rolledBack as never,
    health: hiding(fixtures.badHealth),
    judgement: fixtures.judgement('critical'),
    audit: [{ at: T0, actor: 'U1', action: HIDING, result: 'done', detail: { reason: HIDING } }],
    notUndone: [HIDING],
    names: () => HIDING,
    links: {},
  });
  expect(leftIn(incident)).toEqual([]);
  expect(incident).toContain('\\u{200b}');
});

function visit(node: unknown, see: (key: string, text: string) => void, key = ''): void {
  if (typeof node === 'string') see(key, node);
  else if (Array.isArray(node)) for (const one of node) visit(one, see, key);
  else if (typeof node === 'object' && node !== null) {
    for (const [name, one] of Object.entries(node)) visit(one, see, name);
  }
}
