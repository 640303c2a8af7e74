import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { PreparingClient } from '../../engine/preparing-client.ts';
import { runs } from '../../support/whole.ts';
import type { House } from '../house.ts';
import { life, live } from './life.ts';

const LIVES = runs({ sample: 12, whole: 64 });
/** A store in memory takes no time. */
const LIVES_IN_MEMORY = runs({ sample: 80, whole: 320 });
/** So many are lived at the same time, as promotions of different services are: PostgreSQL works while we do. */
const LANES = 8;

/**
 * Each lane draws its own lives and shrinks its own counterexample, so a failure comes down to one life, with the
 * seed and path that show it again.
 */
async function liveThem(lives: number, storeOf: (house: House) => Ledger): Promise<number> {
  let deployments = 0;
  let born = 0;
  const lane = () =>
    fc.assert(
      fc.asyncProperty(life, async (one) => {
        const made = await live(`shop-${born++}`, storeOf, one);
        deployments += made;
      }),
      { numRuns: Math.ceil(lives / LANES) },
    );
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return deployments;
}

describe('nothing is deployed that was not approved as it is', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase(PreparingClient);
  });
  afterAll(() => database.close());

  test('whatever people, clocks, policies and gates do, over the store of the engine', async () => {
    const storeOf = ({ clock }: House) => createLedger({ pool: database.pool, now: clock.now });
    expect(await liveThem(LIVES, storeOf)).toBeGreaterThan(LIVES / 8);
  }, 600_000);

  test('and at least as many lives over a store in memory that keeps the same contract', async () => {
    expect(await liveThem(LIVES_IN_MEMORY, ({ ledger }) => ledger)).toBeGreaterThan(LIVES_IN_MEMORY / 4);
  }, 600_000);
});
