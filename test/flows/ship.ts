import { expect } from 'vitest';
import type { Promotion } from '../../src/domain/promotion/promotion.ts';
import { promote } from '../../src/flows/promote.ts';
import type { RunMessage } from '../../src/flows/run/port.ts';
import { drive, MemoryRun } from '../fakes/memory-run.ts';
import type { House } from './house.ts';

/** Of the promotion that `House.open` opens. */
const ID = 'shop-0001';

/** Grace approves; the rest people decide by what they see. Dies after that many waits. */
export async function ship(
  house: House,
  people: (promotion: Promotion) => RunMessage | null,
  prepare?: (run: MemoryRun) => void,
): Promise<Promotion> {
  await house.open();
  const run: MemoryRun = new MemoryRun({
    id: ID,
    clock: house.clock,
    script: async ({ nth }) => {
      if (nth > 400) run.kill();
      const promotion = await house.ledger.get(ID);
      if (promotion.state === 'awaiting-approval' && (await house.approveOnce(ID))) return { kind: 'vote' };
      return people(promotion);
    },
  });
  prepare?.(run);
  expect((await drive(run, (r) => promote(r, house.ports, ID))).kind).toBe('ended');
  return house.ledger.get(ID);
}
