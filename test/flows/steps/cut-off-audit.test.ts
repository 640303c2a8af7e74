import { beforeEach, describe, expect, test } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const GONE = /The end of the audit log is gone: entry 9 was signed here, and the log ends at 5\./;

describe('while the end of the audit is gone', () => {
  let house: House;

  beforeEach(async () => {
    house = new House();
    await house.open();
  });

  const lose = () => {
    house.ledger.lost = { signed: 9, rows: 5 };
  };
  const run = (act: (state: string) => Promise<unknown>) =>
    drive(
      new MemoryRun({
        id: ID,
        clock: house.clock,
        script: async () => {
          await act(await house.state(ID));
          return (await house.approveOnce(ID).catch(() => false)) ? { kind: 'vote' } : null;
        },
      }),
      (journal) => promote(journal, house.ports, ID),
    );
  const texts = new Set<string>();
  const note = async () => {
    texts.add((await house.ledger.get(ID)).data.notice?.text ?? '');
  };

  test('nothing is released, and people are told why', async () => {
    lose();
    await run(note);
    expect([...texts].join('\n')).toMatch(GONE);
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  });

  test('nothing is deployed when it goes after the release', async () => {
    const cut = house.repository.cutRelease.bind(house.repository);
    house.repository.cutRelease = async (...order) => {
      const release = await cut(...order);
      lose();
      return release;
    };
    await run(note);
    expect([...texts].join('\n')).toMatch(GONE);
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
    expect(house.target.started).toEqual([]);
  });

  test('nothing is rolled back, neither when it is asked for nor when it is deployed', async () => {
    await run(async () => undefined);
    expect(await house.state(ID)).toBe('shipped');
    const requests = house.requests();
    const ask = () =>
      requestRollback(requests, { user: 'U_GRACE', via: 'command', key: 'k' }, ID, { reason: 'asked' }).then(
        () => 'done',
        (error: unknown) => (error instanceof Refusal ? explain(error).text : String(error)),
      );
    lose();
    expect(await ask()).toMatch(GONE);
    house.ledger.lost = null;
    expect(await ask()).toBe('done');
    lose();
    const before = house.target.started.length;
    const { rollbackOrder: order, run: id = '' } = (await house.ledger.get(ID)).data;
    if (!order) throw new Error('nothing was asked');
    await drive(new MemoryRun({ id, clock: house.clock, script: () => null }), (journal) =>
      rollback(journal, house.ports, ID, order),
    );
    expect((await house.ledger.get(ID)).data.notice?.text).toMatch(GONE);
    expect(house.target.started).toHaveLength(before);
  });
});
