import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';
import { endPool, openPool, poolConfig } from '../../src/engine/database/connection.ts';
import type { EmbeddedServer } from '../../src/engine/database/embedded.ts';
import { startEmbedded } from '../../src/engine/database/embedded.ts';
import { migrate } from '../../src/engine/migrations/migrate.ts';
import { createOutbox } from '../../src/engine/outbox/outbox.ts';
import { createEngine } from '../../src/engine/runs/engine.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';

describe('while PostgreSQL is restarted', () => {
  const log = pino({ level: 'silent' });
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const server = async (): Promise<EmbeddedServer> => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-outage-'));
    const started = await startEmbedded({ dataDir, log, durable: false });
    ends.push(async () => {
      await started.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
    return started;
  };

  it('runs wait for it and go on; people are told that it is away; Slack calls again', async () => {
    const postgres = await server();
    const { url } = postgres;
    const pool = openPool({ ...poolConfig(url), max: 5 }, log);
    ends.push(() => pool.end());
    await migrate(pool);
    const ledger = createLedger({ pool, now: Date.now });
    const slack = createOutbox({ database: { url, pool }, now: Date.now, log });
    const called = vi.fn<(id: string) => void>();
    ends.push(slack.onWork(called));
    const seen: unknown[] = [];
    const crashed = vi.fn(async () => undefined);
    const engine = createEngine({
      database: { kind: 'embedded', url, pool },
      log,
      now: Date.now,
      onCrash: crashed,
      flows: {
        promote: async (run, { promotionId }) => {
          await run.step('block', () => ledger.change(promotionId, { key: 'block', to: 'blocked' }));
          seen.push(await run.wait(60_000));
          seen.push(await run.wait(60_000));
          await run.step('away', async () => {
            await postgres.stop();
            seen.push('away');
          });
          await run.step('fail', () => ledger.change(promotionId, { key: 'fail', to: 'failed' }));
          seen.push('failed');
        },
        rollback: async () => undefined,
      },
    });
    await engine.launch();
    ends.push(() => engine.shutdown());

    await ledger.open({ id: 'p', request: { service: 'shop', bump: 'auto', by: 'UANN' }, channel: 'C1' });
    await engine.runs.start('promote', 'p', { promotionId: 'p' });
    await engine.runs.send('p', { kind: 'vote' }, 'k1');
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(1);

    await postgres.stop();
    await expect(ledger.get('p')).rejects.toBeInstanceOf(Unavailable);
    await postgres.revive();
    expect((await ledger.get('p')).state).toBe('blocked');
    await engine.runs.send('p', { kind: 'recheck', by: 'UANN' }, 'k2');
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe('away');
    await postgres.revive();
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe('failed');
    expect(seen).toEqual([{ kind: 'vote' }, { kind: 'recheck', by: 'UANN' }, 'away', 'failed']);
    expect((await ledger.get('p')).revision).toBe(3);
    expect(crashed).not.toHaveBeenCalled();
    await slack.markStale('p');
    await vi.waitFor(() => expect(called).toHaveBeenCalledWith('p'), 10_000);
  }, 60_000);

  it('a process that is told to stop while it is away ends soon, whatever waits for it', async () => {
    const postgres = await server();
    const { url } = postgres;
    const pool = openPool({ ...poolConfig(url), max: 5 }, log);
    await migrate(pool);
    const ledger = createLedger({ pool, now: Date.now });
    let steps = 0;
    const engine = createEngine({
      database: { kind: 'embedded', url, pool },
      log,
      now: Date.now,
      onCrash: async () => undefined,
      flows: {
        promote: async (run) => {
          await run.step('write', async () => {
            steps += 1;
            if (steps === 1) await postgres.stop();
            await ledger.get('p');
          });
        },
        rollback: async (run) => void (await run.wait(60_000)),
      },
    });
    await engine.launch();
    await engine.runs.start('rollback', 'r', { promotionId: 'p', by: null, reason: 'bad' });
    await engine.runs.start('promote', 'p', { promotionId: 'p' });
    await vi.waitFor(() => expect(steps).toBe(2), 15_000);
    const began = performance.now();
    await engine.shutdown();
    await endPool(pool);
    expect(performance.now() - began).toBeLessThan(9_000);
  }, 60_000);
});
