import { expect, test } from 'vitest';
import { EVERYTHING } from '../../../src/domain/policy/lock.ts';
import { readersLedger } from '../../../src/flows/requests/as-seen-by.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';

test('whoever sees a part of the services is shown once what is about everything', async () => {
  const ledger = new MemoryLedger(() => 0);
  for (const service of ['shop', EVERYTHING, 'site', 'api'])
    await ledger.lock({ service, owner: 'UANN', reason: 'incident' });
  const reader = {
    look: async () => undefined,
    mayRead: (service: string) => service !== 'site',
    reads: (service: string) => service !== 'site',
    mustRead: () => undefined,
    mustBeInChannelOf: () => undefined,
    mustReadSome: () => undefined,
  };
  const seen = readersLedger(ledger, reader, ['shop', 'api', 'site']);
  const trail = await seen.auditTrail({ limit: 3 });
  expect(trail.map(({ service }) => service)).toEqual(['api', EVERYTHING, 'shop']);
});
