import { callNext } from '../locks/queue.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Tells whoever waits for the service that it is free. */
export async function callNextInQueue(run: PromotionRun): Promise<void> {
  await run.step('next-in-queue', () => callNext(run.ports, run.id));
}
