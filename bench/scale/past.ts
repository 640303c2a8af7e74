import { pino } from 'pino';
import { startSigning } from '../../src/app/audit.ts';
import { openDatabase } from '../../src/engine/database/open.ts';
import { prepareTables } from '../../src/engine/migrations/prepare.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import * as fixtures from '../../test/blocks/fixtures.ts';

const log = pino({ level: 'error' }, pino.destination(2));

/** Fills the database of a bot that does not run with promotions that were shipped, one every ten minutes until now. */
export async function fillWithPast(
  dataDir: string,
  { services, past }: { readonly services: number; readonly past: number },
): Promise<void> {
  const database = await openDatabase({ dataDir, log });
  try {
    await prepareTables(database, log);
    const signer = await startSigning(
      database.pool,
      { audit: { publish: [] }, dir: dataDir, dataDir },
      {},
      Date.now,
    );
    const ledger = createLedger({ pool: database.pool, now: Date.now, signer });
    const request = { service: 'service-0', bump: 'auto', by: 'U0ADA' } as const;
    await ledger.open({ id: 'first', request, channel: 'C0SHIP' });
    const { plan, release, deployment, health } = fixtures;
    const data = { plan, release, deployment, health, monitor: fixtures.monitor(), closedAt: Date.now() };
    await ledger.change('first', { to: 'shipped', data });
    const at = `now() - n * interval '10 minutes'`;
    const copies = `from generate_series(1, ${past}) n`;
    const id = `'past-' || n`;
    const service = `'service-' || n % ${services}`;
    for (const statement of [
      `insert into slipway.promotions (id, service, state, revision, turn, created_at, updated_at, request, channel, digest, data)
       select ${id}, ${service}, state, revision, turn, ${at}, ${at}, request, channel, digest, data ${copies}
       join slipway.promotions first on first.id = 'first'`,
      `insert into slipway.deliveries (promotion_id, service, version, at, commits, rolled_back)
       select ${id}, ${service}, '1.' || n || '.0', ${at}, '{}', n % 10 = 0 ${copies}`,
      `insert into slipway.cards (promotion_id, channel, ts, hash)
       select ${id}, 'C0SHIP', '1700000000.' || lpad(n::text, 6, '0'), '' ${copies}`,
      `insert into slipway.approvals (promotion_id, voter, digest, decision, at, valid)
       select ${id}, 'U0GRACE', repeat('a', 64), 'approve', ${at}, true ${copies}`,
      'analyze',
    ])
      await database.pool.query(statement);
  } finally {
    await database.close();
  }
}
