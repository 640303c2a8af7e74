import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UnavailableInDoubt } from '../../../src/domain/refusals/refusal.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

/** What becomes of the next commit: its answer is lost, it never arrives, or nobody answers for long after it. */
let cut: 'answer' | 'commit' | 'server' | null = null;
let isAway = false;

class CutClient extends pg.Client {
  override query = (async (question: unknown, ...rest: readonly unknown[]) => {
    const ask = pg.Client.prototype.query as unknown as (...all: readonly unknown[]) => Promise<unknown>;
    const text = typeof question === 'string' ? question : (question as { text: string }).text;
    if (isAway) throw lost();
    if (cut === null || text !== 'commit') return ask.call(this, question, ...rest);
    if (cut !== 'commit') await ask.call(this, question, ...rest);
    isAway = cut === 'server';
    cut = null;
    (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    throw lost();
  }) as unknown as pg.Client['query'];
}

const lost = () => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
const opened = (id: string) => ({
  id,
  request: { service: id, bump: 'auto', by: 'UANN' } as const,
  channel: 'C1',
});

let database: TestDatabase;
let ledger: Ledger;
beforeEach(async () => {
  cut = null;
  isAway = false;
  database = await freshDatabase(CutClient);
  ledger = createLedger({ pool: database.pool, now: Date.now });
});
afterEach(() => database.close());

test.each(['answer', 'commit'] as const)('the %s of a commit is lost: it is stored once', async (what) => {
  cut = what;
  expect(await ledger.open(opened('p1'))).toMatchObject({ id: 'p1', state: 'checking' });
  expect(cut).toBeNull();
  expect(await ledger.auditTrail({ promotionId: 'p1', limit: 10 })).toHaveLength(1);
  await ledger.audit({ actor: 'UANN', action: 'plan.seen', result: 'done' });
  cut = what;
  await ledger.audit({ actor: 'UBOB', action: 'plan.seen', result: 'done' });
  const seen = (await ledger.auditTrail({ limit: 10 })).map(({ actor, action }) => `${actor} ${action}`);
  expect(seen).toEqual(['UBOB plan.seen', 'UANN plan.seen', 'UANN promotion.opened']);
});

test('nobody says what became of it: nothing is claimed, neither that it is stored nor that it is not', async () => {
  cut = 'server';
  await expect(ledger.open(opened('p1'))).rejects.toBeInstanceOf(UnavailableInDoubt);
  isAway = false;
  expect(await ledger.open(opened('p1'))).toMatchObject({ id: 'p1' });
  expect(await ledger.auditTrail({ promotionId: 'p1', limit: 10 })).toHaveLength(1);
});
