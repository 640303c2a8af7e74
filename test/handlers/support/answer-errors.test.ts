import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { unlockService } from '../../../src/flows/requests/locks.ts';
import { audited } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { startPromotion } from '../../../src/flows/requests/start.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { deliver } from '../../../src/flows/requests/tell-run.ts';
import { vote } from '../../../src/flows/requests/vote.ts';
import { unlockFor } from '../../../src/handlers/locks.ts';
import { answered } from '../../../src/handlers/support/answer-errors.ts';
import { town } from '../../flows/locks/town.ts';

const RECORDED = 'It is recorded, and goes on as soon as the database answers.';
const NOTHING = 'Nothing was changed. Try again in a moment.';
const away = () => Promise.reject(new Unavailable('the database', 'no answer yet'));
const asked = { service: 'shop', bump: 'auto' } as const;

describe('while the database does not answer', () => {
  let place: ReturnType<typeof town>;
  beforeEach(() => {
    place = town();
  });

  const answerTo = async (work: () => Promise<unknown>): Promise<string> => {
    let said = '';
    await answered(
      pino({ level: 'silent' }),
      async ({ blocks }) => {
        said = JSON.stringify(blocks);
      },
      async () => void (await work()),
    );
    return said;
  };
  const runsAway = () => {
    place.requests.runs.start = away;
    place.requests.runs.send = away;
  };
  const by = (user: string) => place.caller(user);

  test('a start that is stored is said to be recorded', async () => {
    runsAway();
    expect(await answerTo(() => startPromotion(place.requests, by('U_ADA'), asked))).toContain(RECORDED);
    expect((await place.newest()).state).toBe('checking');
  });

  test('a vote, a cancel and a rollback too', async () => {
    await place.start();
    const { send } = place.requests.runs;
    runsAway();
    const { id, digest } = await place.newest();
    const ballot = { decision: 'approve', digest: digest ?? '' } as const;
    expect(await answerTo(() => vote(place.requests, by('U_GRACE'), id, ballot))).toContain(RECORDED);
    place.requests.runs.send = send;
    await deliver(place.requests, { olderThanMs: 0 });
    await place.settle();
    await place.ship();
    expect((await place.newest()).state).toBe('shipped');
    runsAway();
    const rollback = { reason: 'errors' };
    expect(await answerTo(() => requestRollback(place.requests, by('U_ADA'), id, rollback))).toContain(
      RECORDED,
    );
    expect((await place.newest()).state).toBe('rolling-back');
  });

  test('a cancel too, which the run hears of once the database answers', async () => {
    await place.start();
    const { send } = place.requests.runs;
    runsAway();
    const { id } = await place.newest();
    const cancel = { kind: 'cancel', reason: 'later' } as const;
    expect(await answerTo(() => steer(place.requests, by('U_ADA'), id, cancel))).toContain(RECORDED);
    place.requests.runs.send = send;
    await deliver(place.requests, { olderThanMs: 0 });
    await place.recheck().catch(() => undefined);
    expect((await place.newest()).state).toBe('cancelled');
  });

  test('a lock that is taken off is, whatever comes after it', async () => {
    const { ledger } = place.house;
    await place.lock('U_ADA');
    const first = ledger.firstInQueue.bind(ledger);
    ledger.firstInQueue = away;
    expect(
      await answerTo(() => unlockService(place.requests, by('U_ADA'), 'shop', { because: 'mended' })),
    ).toContain(RECORDED);
    ledger.firstInQueue = first;
    await place.lock('U_ADA');
    ledger.openDebts = away;
    const client = { chat: { postMessage: async () => ({ ok: true }) } };
    const homeTabs = { refreshSoon: () => undefined };
    const channelId = async (name: string) => name;
    const context = { requests: place.requests, client, homeTabs, channelId } as unknown as Parameters<
      typeof unlockFor
    >[0];
    expect(await answerTo(() => unlockFor(context, by('U_ADA'), 'shop', { because: 'mended' }))).toContain(
      RECORDED,
    );
  });

  test('what can be done besides waiting is said where it is known', async () => {
    const remedy = 'Run ./live to see what it says.';
    const said = await answerTo(() => Promise.reject(new Unavailable('production', 'no', { remedy })));
    expect(said).toContain(remedy);
    expect(said).not.toContain(NOTHING);
  });

  test('nothing was changed when nothing was stored, also when the audit has that it failed', async () => {
    place.house.ledger.open = away;
    expect(await answerTo(() => startPromotion(place.requests, by('U_ADA'), asked))).toContain(NOTHING);
    const caller = by('U_ADA');
    const clicked = () =>
      audited(place.requests, caller, { action: 'button.start' }, (request) =>
        startPromotion(place.requests, request, asked),
      );
    expect(await answerTo(clicked)).toContain(NOTHING);
  });
});
