import { expect, vi } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { movesOf, releaseFacts, type Stage } from '../stories/stage.ts';

/** What a promotion that shipped leaves behind, whatever happened to the bot. */
export async function expectOnePromotion(stage: Stage): Promise<void> {
  expect(textOf(stage.card())).toMatch(/Shipped/);
  expect(stage.cards()).toHaveLength(1);
  const facts = await releaseFacts(stage);
  expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag' });
  expect(facts.production).toBe(facts.tagged);
  expect(await movesOf(stage, 'refs/heads/production')).toBe(1);
  expect(await movesOf(stage, 'refs/tags/v1.3.0')).toBe(1);
  expect(await stage.query('select from slipway.messages')).toEqual([]);
  await expectOnceAudited(stage, [
    'promotion.opened',
    'release.cut',
    'deployment.succeeded',
    'promotion.shipped',
  ]);
}

/** What its rollback leaves behind. */
export async function expectOneRollback(stage: Stage): Promise<void> {
  expect(stage.cards()).toHaveLength(1);
  expect(await movesOf(stage, 'refs/heads/production')).toBe(2);
  expect(await stage.git('rev-parse', 'production')).toBe(await stage.git('rev-parse', 'v1.2.0^{commit}'));
  const incidents = await stage.git('log', '--format=%s', '--grep=docs(ship): incident', 'main');
  expect(incidents).toBe('docs(ship): incident of v1.3.0');
  await expectOnceAudited(stage, ['rollback.requested']);
}

/** People ask again when nothing seems to have come of it; that is refused, and audited. */
function isDone(entry: string): boolean {
  return entry.endsWith(' done');
}

async function expectOnceAudited(stage: Stage, actions: readonly string[]): Promise<void> {
  const told = await Promise.all(
    actions.map(async (action) => (await stage.audited(action)).filter(isDone).length),
  );
  expect(Object.fromEntries(actions.map((action, nth) => [action, told[nth]]))).toEqual(
    Object.fromEntries(actions.map((action) => [action, 1])),
  );
}

/** No run is under way, and everything was told. */
export function settled(stage: Stage): Promise<unknown> {
  return vi.waitUntil(
    async () => {
      const [open] = await stage.query<{ n: string }>(
        `select (select count(*) from slipway_dbos.workflow_status where status in ('PENDING', 'ENQUEUED'))
              + (select count(*) from slipway.messages)
              + (select count(*) from slipway.notices where ts is null)
              + (select count(*) from slipway.cards where stale_since is not null) as n`,
      );
      return Number(open?.n) === 0;
    },
    { interval: 200, timeout: 60_000 },
  );
}
