import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeenMessage } from '../../../demo/workspace/server/control/reading.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

const PEOPLE = 50;
const CLICKS_EACH = 4;
/** Slack shows an error to whoever clicked when an acknowledgement takes longer, in ms. */
const ACK_DEADLINE_MS = 3_000;

let stage: Stage;
const people = Array.from({ length: PEOPLE }, (_, index) => `u${index}`);
const idOf = (name: string) => `U0P${name.slice(1).padStart(3, '0')}`;

beforeAll(async () => {
  // With Slack's own limits of calls: answers must not depend on calls that are refused at this rate.
  stage = await setStage({ approvals: 1, strictness: { rateLimits: 'slack' } });
  for (const name of people) {
    stage.workspace.control.addUser({ id: idOf(name), name });
    stage.workspace.control.invite('#ship', name);
  }
  await stage.asks();
});
afterAll(() => stage.end());

interface Row {
  readonly actor: string;
  readonly action: string;
  readonly result: string;
}
const rows = async (): Promise<readonly Row[]> =>
  (await stage.query<{ entry: Row }>('select entry from slipway.events order by seq'))
    .map(({ entry }) => entry)
    .filter(({ actor }) => actor.startsWith('U0P'));
const answers = () => people.flatMap((name) => stage.workspace.ephemerals(name));

/** All people press it at the same moment, four times each. How long each waited for the acknowledgement, in ms. */
async function stampede(card: SeenMessage, action: string): Promise<readonly number[]> {
  const clicks = people.flatMap((name) => Array.from({ length: CLICKS_EACH }, () => name));
  const waits = await Promise.all(
    clicks.map(async (name) => {
      const start = performance.now();
      await stage.workspace.as(name).click(card, action);
      return performance.now() - start;
    }),
  );
  return waits.toSorted((a, b) => a - b);
}

function report(what: string, waits: readonly number[]): void {
  const at = (share: number) => Math.round(waits[Math.ceil(waits.length * share) - 1] ?? 0);
  process.stdout.write(
    `${waits.length} clicks on ${what} by ${PEOPLE} people: acknowledged after p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms\n`,
  );
}

test('200 clicks on Re-check look again once, and everyone is answered', async () => {
  const before = (await stage.query('select 1 from slipway.claims')).length;
  const waits = await stampede(stage.card(), 'recheck');
  report('Re-check', waits);
  expect(waits).toHaveLength(PEOPLE * CLICKS_EACH);
  expect(waits.at(-1)).toBeLessThan(ACK_DEADLINE_MS);

  await expect.poll(async () => (await rows()).length, { timeout: 30_000 }).toBe(200);
  const results = (await rows()).map(({ action, result }) => `${action} ${result}`);
  expect(results.filter((one) => one === 'promotion.recheck done')).toHaveLength(1);
  expect(results.filter((one) => one === 'promotion.recheck refused')).toHaveLength(199);
  await expect.poll(() => answers().length, { timeout: 30_000 }).toBe(199);
  expect((await stage.query('select 1 from slipway.claims')).length).toBe(before + 1);
});

test('200 clicks on Approve ship once, and everyone is answered or has their vote', async () => {
  const answered = answers().length;
  const card = await stage.cardWith('approve');
  const waits = await stampede(card, 'approve');
  report('Approve', waits);
  expect(waits.at(-1)).toBeLessThan(ACK_DEADLINE_MS);

  await expect.poll(async () => (await rows()).length, { timeout: 90_000 }).toBe(400);
  const now = (await rows()).slice(200);
  const voters = now.filter(({ result }) => result === 'done').map(({ actor }) => actor);
  expect(voters.length).toBeGreaterThan(0);
  expect(new Set(voters).size).toBe(voters.length);
  // Under load some end as failed, and whose they are is told so.
  const others = now.filter(({ result }) => result !== 'done');
  await expect.poll(() => answers().length - answered, { timeout: 30_000 }).toBe(others.length);

  await stage.cardShows(/Shipped/, 60_000);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, tags: 1, fsck: '' });
  expect(await stage.audited('deployment.started')).toHaveLength(1);
});

test('nothing is amiss', () => stage.expectNothingAmiss());
