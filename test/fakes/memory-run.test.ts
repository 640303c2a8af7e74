import { describe, expect, it } from 'vitest';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import type { Run } from '../../src/flows/run/port.ts';
import { drive, MemoryJournal, MemoryRun, MemoryRuns } from './memory-run.ts';

describe('a run in memory', () => {
  it('goes on after a crash at every call and in every way', async () => {
    for (const when of ['before', 'unrecorded', 'recorded'] as const) {
      for (let at = 0; at < 4; at += 1) {
        const journal = new MemoryJournal();
        const done: string[] = [];
        const flow = async (run: Run) => {
          await run.step('a', async () => done.push('a'));
          const message = await run.wait(1_000);
          const time = await run.now();
          await run.step('b', async () => done.push('b'));
          return { message, time };
        };
        const script = () => ({ kind: 'vote' }) as const;
        const first = new MemoryRun({ journal, script, crash: { at, when } });
        expect(await drive(first, flow)).toEqual({ kind: 'crashed' });
        const again = new MemoryRun({ journal, script, clock: first.clock });
        const end = await drive(again, flow);
        expect(end).toEqual({
          kind: 'ended',
          value: { message: { kind: 'vote' }, time: first.clock.now() },
        });
        const repeated = when === 'unrecorded' && (at === 0 || at === 3);
        expect(done).toHaveLength(repeated ? 3 : 2);
        expect(journal.names()).toEqual(['a', 'wait', 'now', 'b']);
      }
    }
  });

  it('throws refusals as themselves, again after a crash', async () => {
    const journal = new MemoryJournal();
    const errors = [
      new Refusal('tag-exists', { tag: 'v1' }),
      new Unavailable('Slack', 'down'),
      new Error('x'),
    ];
    for (let life = 0; life < 2; life += 1) {
      const run = new MemoryRun({ journal });
      for (const error of errors) {
        const thrown = await run
          .step(error.message, async () => {
            throw error;
          })
          .catch((caught: unknown) => caught);
        expect(thrown).toBeInstanceOf(error.constructor);
        expect(thrown).toMatchObject({ message: error.message });
      }
    }
  });

  it('refuses another order of calls on replay', async () => {
    const journal = new MemoryJournal();
    await new MemoryRun({ journal }).step('a', async () => 1);
    await expect(new MemoryRun({ journal }).step('b', async () => 1)).rejects.toThrow('not deterministic');
  });

  it('waits for a message or for the clock', async () => {
    const seen: unknown[] = [];
    const runs = new MemoryRuns({
      flows: {
        promote: async (run) => {
          for (let turn = 0; turn < 3; turn += 1) seen.push(await run.wait(60_000));
          return run.now();
        },
        rollback: async () => undefined,
      },
    });
    await expect(runs.send('p1', { kind: 'vote' }, 'k1')).rejects.toMatchObject({ code: 'run-unknown' });
    const before = runs.clock.now();
    await runs.start('promote', 'p1', { promotionId: 'p1' });
    await runs.start('promote', 'p1', { promotionId: 'p1' });
    await runs.send('p1', { kind: 'vote' }, 'k1');
    await runs.idle('p1');
    expect(seen).toEqual([{ kind: 'vote' }]);
    await runs.send('p1', { kind: 'vote' }, 'k1');
    await runs.clock.advance(60_000);
    expect(seen).toEqual([{ kind: 'vote' }, null]);
    await runs.send('p1', { kind: 'hold', by: 'UANN' }, 'k2');
    expect(await runs.end('p1')).toBe(before + 60_000);
    expect(seen.at(-1)).toEqual({ kind: 'hold', by: 'UANN' });
  });
});
