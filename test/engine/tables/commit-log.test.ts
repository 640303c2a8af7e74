import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let ledger: Ledger;
const lines: Record<string, unknown>[] = [];
let id = '';
const log = pino(
  { base: null, timestamp: false, level: 'info', formatters: { level: (level) => ({ level }) } },
  { write: (line: string) => void lines.push(JSON.parse(line)) },
);

beforeAll(async () => {
  database = await freshDatabase();
  ledger = createLedger({ pool: database.pool, now: Date.now, log });
});
afterAll(() => database.close());
beforeEach(async () => {
  id = `shop-${Math.random().toString(16).slice(2)}`;
  const request = { service: id, bump: 'auto', by: 'U0ADA', note: 'a secret note' } as const;
  await ledger.open({ id, request, channel: 'C1', source: { via: 'command' } });
});

const told = () => lines.splice(0).filter(({ promotion, service }) => promotion === id || service === id);

it('says who opened it', () => {
  expect(told()).toEqual([
    { level: 'info', promotion: id, service: id, by: 'U0ADA', via: 'command', msg: 'promotion.opened' },
  ]);
});

it('has one line for a change of state with its entry, without what people or programs wrote', async () => {
  told();
  await ledger.change(id, {
    to: 'rolling-back',
    audit: {
      actor: 'U0GRACE',
      action: 'rollback.requested',
      result: 'done',
      source: { via: 'thread', link: 'https://acme.example/p1' },
      detail: { reason: 'xoxb-oops: it burns', to: '1.2.0', tag: 'not a tag\nat all' },
    },
  });
  expect(told()).toEqual([
    {
      level: 'info',
      promotion: id,
      service: id,
      by: 'U0GRACE',
      via: 'thread',
      version: '1.2.0',
      from: 'checking',
      to: 'rolling-back',
      msg: 'rollback.requested',
    },
  ]);
});

it('has a line for a change of state that nobody audits, and none for progress or for a key seen before', async () => {
  told();
  await ledger.change(id, { key: 'k', to: 'verifying' });
  await ledger.change(id, { key: 'k', to: 'verifying' });
  await ledger.change(id, { data: { notice: { kind: 'info', text: 'going on' } } });
  expect(told()).toEqual([
    { level: 'info', promotion: id, service: id, from: 'checking', to: 'verifying', msg: 'promotion.moved' },
  ]);
});

it('tells an alarm of the watch once, and when it is over', async () => {
  told();
  const tick = (verdict: 'healthy' | 'critical', number: number) =>
    ledger.change(id, {
      data: {
        monitor: {
          startedAt: 0,
          endsAt: 1,
          tick: number,
          judgement: { verdict, findings: [] },
          held: false,
          errorRates: [],
          blind: 0,
          reports: 0,
        },
      },
    });
  await tick('healthy', 1);
  await tick('critical', 2);
  await tick('critical', 3);
  await tick('healthy', 4);
  expect(told()).toEqual([
    { level: 'warn', promotion: id, service: id, verdict: 'critical', was: 'healthy', msg: 'watch.alarm' },
    { level: 'info', promotion: id, service: id, verdict: 'healthy', was: 'critical', msg: 'watch.calm' },
  ]);
});

it('tells nothing of what was not stored, and refused attempts only at debug', async () => {
  told();
  await expect(ledger.change(id, { from: ['shipped'], to: 'blocked' })).rejects.toThrow();
  await ledger.audit({ actor: 'U0EVE', action: 'approval.given', result: 'refused', promotionId: id });
  expect(told()).toEqual([]);
});
