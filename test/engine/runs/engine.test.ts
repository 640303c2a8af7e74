import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import type { Engine, Flows } from '../../../src/engine/runs/engine.ts';
import { createEngine } from '../../../src/engine/runs/engine.ts';
import type { FlowName, Run, Runs } from '../../../src/flows/run/port.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const ORDER = { promotionId: 'p', by: null, reason: 'orders fail' } as const;
const idle = async () => undefined;

describe('the engine', () => {
  const log = pino({ level: 'silent' });
  let database: TestDatabase;
  let engine: Engine | null = null;
  const crashes: { flow: FlowName; id: string; error: unknown }[] = [];

  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    await engine?.shutdown();
    engine = null;
    crashes.length = 0;
    await database.close();
  });

  const launch = async (promote: Flows['promote'], rollback: Flows['rollback'] = idle) => {
    engine = createEngine({
      database: { kind: 'embedded', ...database },
      log,
      now: () => 1_234,
      flows: { promote, rollback },
      onCrash: async (flow, id, error) => {
        crashes.push({ flow, id, error });
      },
      graceMs: 2_000,
      staleMs: 1_500,
    });
    await engine.launch();
    return engine.runs;
  };
  /** What happens in the flow, as the test sees it. */
  const witness = () => {
    const seen: unknown[] = [];
    return { seen, has: (count: number) => vi.waitFor(() => expect(seen.length).toBe(count), 10_000) };
  };

  it('journals values as JSON, times, and messages by key', async () => {
    const { seen, has } = witness();
    const runs = await launch(idle, async (run, input) => {
      seen.push(input, run.id);
      seen.push(await run.step('date', async () => ({ at: new Date(0), gone: undefined })));
      seen.push(await run.step('nothing', async () => undefined));
      seen.push(await run.now());
      for (let turn = 0; turn < 3; turn += 1) seen.push(await run.wait(turn === 2 ? 300 : 20_000));
    });
    await runs.start('rollback', 'r1', { ...ORDER, to: '1.0.0' });
    await runs.start('rollback', 'r1', { ...ORDER, to: '1.0.0' });
    await runs.send('r1', { kind: 'vote' }, 'k1');
    await runs.send('r1', { kind: 'vote' }, 'k1');
    await runs.send('r1', { kind: 'cancel', by: 'UANN', reason: 'no' }, 'k2');
    await has(8);
    expect(seen).toEqual([
      { ...ORDER, to: '1.0.0' },
      'r1',
      { at: '1970-01-01T00:00:00.000Z' },
      undefined,
      1_234,
      { kind: 'vote' },
      { kind: 'cancel', by: 'UANN', reason: 'no' },
      null,
    ]);
  });

  it('throws what a step threw as itself, also when it comes out of the journal', async () => {
    const { seen, has } = witness();
    let works = 0;
    const thrown = [
      new Refusal('tag-exists', { tag: 'v1' }),
      new Unavailable('the git remote', 'reset: by peer', { retryAfterMs: 5 }),
      new TypeError('x is not a function'),
      'a string',
      Object.assign(new Error("ENOSPC: no space left on device, mkdir '/data/x'"), { code: 'ENOSPC' }),
    ];
    const flow: Flows['promote'] = async (run) => {
      for (const [index, error] of thrown.entries()) {
        try {
          await run.step(`step ${index}`, async () => {
            works += 1;
            throw error;
          });
        } catch (caught) {
          seen.push(caught);
        }
      }
      await run.wait(60_000);
    };
    const runs = await launch(flow);
    await runs.start('promote', 'r2', { promotionId: 'p' });
    await has(5);
    await engine?.shutdown();
    await launch(flow);
    await has(10);
    expect(works).toBe(5);
    for (const half of [seen.slice(0, 5), seen.slice(5)]) {
      expect(half[0]).toBeInstanceOf(Refusal);
      expect(half[0]).toMatchObject({ code: 'tag-exists', facts: { tag: 'v1' } });
      expect(half[1]).toBeInstanceOf(Unavailable);
      expect(half[1]).toMatchObject({
        what: 'the git remote',
        message: 'the git remote: reset: by peer',
        retryAfterMs: 5,
      });
      expect(half[2]).toMatchObject({ name: 'Error', message: 'x is not a function' });
      expect(half[3]).toMatchObject({ name: 'Error', message: 'a string' });
      // Somebody makes room: it is waited for.
      expect(half[4]).toBeInstanceOf(Unavailable);
      expect(half[4]).toMatchObject({ message: 'the data folder: the disk is full; make room' });
    }
  });

  it('a stop is no failure of a step: what fails of it, or would begin, is done by the next process', async () => {
    let calls = 0;
    const ended: string[] = [];
    const stopped = new AbortController();
    const flow: Flows['promote'] = async (run) => {
      // The first process is told to stop while this is at work; what it works with is closed under it.
      const said = await run
        .step('a', async () => {
          calls += 1;
          if (calls > 1) return 'done';
          await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve));
          throw new Error('closed under the step');
        })
        .catch((error: Error) => error.message);
      ended.push(said, await run.step('b', async () => 'b'));
      await run.wait(60_000);
    };
    const runs = await launch(flow);
    await runs.start('promote', 'r8', { promotionId: 'p' });
    await vi.waitFor(() => expect(calls).toBe(1), 5_000);
    const left = engine?.shutdown();
    stopped.abort();
    await left;
    await launch(flow);
    await vi.waitFor(() => expect(ended).toEqual(['done', 'b']), 10_000);
    expect(crashes).toEqual([]);
  });

  it('is stopped at any moment of many steps without any of them failing', async () => {
    const closed = { is: false };
    const outcomes: unknown[] = [];
    const flow: Flows['promote'] = async (run) => {
      for (let turn = 0; turn < 40; turn += 1) {
        await run
          .step(`step ${turn}`, async () => {
            await new Promise((resolve) => setTimeout(resolve, 2));
            if (closed.is) throw new Error('used after the stop');
          })
          .catch((error: Error) => outcomes.push(error.message));
      }
      outcomes.push('end');
      await run.wait(60_000);
    };
    for (let stop = 0; stop < 12; stop += 1) {
      closed.is = false;
      const runs = await launch(flow);
      await runs.start('promote', 'r10', { promotionId: 'p' });
      await new Promise((resolve) => setTimeout(resolve, stop * 7));
      await engine?.shutdown();
      closed.is = true;
    }
    closed.is = false;
    await launch(flow);
    await vi.waitFor(() => expect(outcomes).toContain('end'), 15_000);
    expect(outcomes.filter((one) => one !== 'end')).toEqual([]);
    expect(crashes).toEqual([]);
  }, 60_000);

  it('goes on with a run that another process of the same place took up and left', async () => {
    const { seen, has } = witness();
    const runs = await launch(async (run) => {
      seen.push(await run.step('first', async () => 'done'));
      seen.push(await run.wait(60_000));
    });
    await runs.start('promote', 'left', { promotionId: 'left' });
    await has(1);
    // The other one wrote its name behind it, and is gone. Whoever had it before finds out at its next call.
    const { schemaname: schema } = (
      await database.pool.query("select schemaname from pg_tables where tablename = 'workflow_status'")
    ).rows[0];
    await database.pool.query(`update "${schema}".workflow_status set owner_xid = 'another'`);
    await runs.send('left', { kind: 'vote' }, 'k');
    const goesOn = async () => {
      await engine?.resumeLeft();
      expect(seen).toEqual(['done', 'done', { kind: 'vote' }]);
    };
    await vi.waitFor(goesOn, { timeout: 15_000, interval: 500 });
    expect(crashes).toEqual([]);
  });

  it('tells once of a flow that ends in an error', async () => {
    const runs = await launch(async (run) => {
      await run.step('a', async () => 1);
      throw new Error('a bug');
    });
    await runs.start('promote', 'r3', { promotionId: 'p' });
    await vi.waitFor(() => expect(crashes).toHaveLength(1), 5_000);
    expect(crashes[0]).toMatchObject({ flow: 'promote', id: 'r3', error: { message: 'a bug' } });
  });

  it('tells of a flow whose code no longer fits its journal, and does none of its steps', async () => {
    const { seen, has } = witness();
    const runs = await launch(async (run) => {
      seen.push(await run.step('old', async () => 'old'));
      await run.wait(60_000);
    });
    await runs.start('promote', 'r4', { promotionId: 'p' });
    await has(1);
    await engine?.shutdown();
    await launch(async (run) => {
      await run.step('new', async () => seen.push('done')).catch(() => seen.push('caught'));
    });
    await vi.waitFor(() => expect(crashes).toHaveLength(1), 10_000);
    expect(crashes[0]?.id).toBe('r4');
    expect(seen).toEqual(['old']);
  });

  it.each([
    [
      'a message',
      'a message to run r9: ',
      async (runs: Runs) => {
        await runs.start('promote', 'r9', { promotionId: 'p' });
        await runs.send('r9', { kind: 'extend', by: 'UANN', ms: 'long' } as never, 'k');
      },
    ],
    [
      'an order',
      'what run r9 was started with: ',
      async (runs: Runs) => {
        await runs.start('rollback', 'r9', { promotionId: 'p', by: 7 } as never);
      },
    ],
  ])('does not act on %s that it does not understand, and says what is wrong', async (_what, named, tell) => {
    const { seen } = witness();
    const flow = async (run: Run) => seen.push(await run.wait(20_000));
    await tell(await launch(flow, flow));
    await vi.waitFor(() => expect(crashes).toHaveLength(1), 10_000);
    expect(crashes[0]).toMatchObject({ id: 'r9' });
    expect(String(crashes[0]?.error)).toContain(named);
    expect(String(crashes[0]?.error)).toMatch(/expected (number|string)/);
    expect(seen).toEqual([]);
  });

  it('refuses to tell a run that does not exist', async () => {
    const runs = await launch(async () => undefined);
    await expect(runs.send('nope', { kind: 'vote' }, 'k')).rejects.toMatchObject({
      name: 'Refusal',
      code: 'run-unknown',
      facts: { run: 'nope' },
    });
  });

  it('starts runs and sends to them from inside a step', async () => {
    const { seen, has } = witness();
    const runs = await launch(
      async (run) => {
        await run.step('start', async () => {
          await runs.start('rollback', 'r5-rollback', ORDER);
          await runs.send('r5-rollback', { kind: 'vote' }, 'k');
        });
        seen.push('started');
      },
      async (run) => {
        seen.push(await run.wait(10_000));
      },
    );
    await runs.start('promote', 'r5', { promotionId: 'p' });
    await has(2);
    expect(seen).toContainEqual({ kind: 'vote' });
  });

  it('waits with a step while our own database is away, and does it again', async () => {
    const { seen, has } = witness();
    let attempts = 0;
    const runs = await launch(async (run) => {
      seen.push(
        await run.step('store', async () => {
          attempts += 1;
          if (attempts < 3) throw new Unavailable('the database', 'away');
          return 'stored';
        }),
      );
    });
    await runs.start('promote', 'r6', { promotionId: 'p' });
    await has(1);
    expect(seen).toEqual(['stored']);
    expect(attempts).toBe(3);
  });

  it('goes on when every connection is cut while it waits and works', async () => {
    const { seen, has } = witness();
    const runs = await launch(async (run) => {
      seen.push(
        await run.step('cut', async () => {
          await cut();
          return 'worked';
        }),
      );
      seen.push(await run.wait(30_000));
    });
    await runs.start('promote', 'r7', { promotionId: 'p' });
    await has(1);
    await cut();
    await runs.send('r7', { kind: 'vote' }, 'k');
    await has(2);
    expect(seen).toEqual(['worked', { kind: 'vote' }]);
    expect(crashes).toEqual([]);
  });

  const cut = () =>
    database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );

  it('lets a step at work finish when it is told to stop, begins nothing new, and goes on later', async () => {
    const { seen, has } = witness();
    const flow: Flows['promote'] = async (run) => {
      await run.step('slow', async () => {
        seen.push('slow begins');
        await new Promise((resolve) => setTimeout(resolve, 300));
        seen.push('slow ends');
      });
      await run.step('next', async () => seen.push('next'));
    };
    const runs = await launch(flow);
    await runs.start('promote', 'r8', { promotionId: 'p' });
    await has(1);
    await engine?.shutdown();
    expect(seen).toEqual(['slow begins', 'slow ends']);
    await launch(flow);
    await has(3);
    expect(seen.at(-1)).toBe('next');
    expect(crashes).toEqual([]);
  });
});
