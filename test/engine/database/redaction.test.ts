import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { keptSecret } from '../../../src/domain/text/redaction.ts';
import { openPool, poolConfig } from '../../../src/engine/database/connection.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { freshDatabase } from '../database.ts';

const SECRET = keptSecret('tok-9f3a-never-to-be-stored-7c21');

test('no secret is stored, whoever asks for it, and the chain of the audit holds', async () => {
  expect(inject('serverUrl')).toBeTruthy();
  const database = await freshDatabase();
  const log = pino({ level: 'silent' });
  const pool = openPool({ ...poolConfig(database.url), max: 3 }, log);
  try {
    const ledger = createLedger({ pool, now: () => 0 });
    const outbox = createOutbox({ database: { url: database.url, pool }, now: () => 0, log });
    const request = { service: 'shop', feature: `f ${SECRET}`, bump: 'auto', by: 'UANN' } as const;
    await ledger.open({ id: 'p1', request, channel: '#ship' });
    await outbox.put('p1', `key ${SECRET}`, { kind: 'note', text: `Bearer ${SECRET}` } as never);
    const { rows } = await pool.query<{ text: string }>(
      `select t::text as text from slipway.events t union all select t::text from slipway.promotions t
       union all select t::text from slipway.notices t`,
    );
    const stored = rows.map(({ text }) => text).join('\n');
    expect(stored).toContain('Bearer ***');
    expect(stored).toContain('f ***');
    expect(stored).not.toContain(SECRET);
    expect(await ledger.verifyAudit()).toMatchObject({ brokenAt: null });
    const asObject = await pool.query({ text: 'select $1::text as said', values: [`x ${SECRET}`] });
    expect(asObject.rows).toEqual([{ said: 'x ***' }]);
  } finally {
    await pool.end();
    await database.close();
  }
});
