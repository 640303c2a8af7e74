import { checkContract } from '../contracts/check.ts';
import { MemoryCheck } from './memory-check.ts';

checkContract({
  name: 'the fake check',
  well: async () => new MemoryCheck(),
  unwell: async () => new MemoryCheck().always({ ok: false, detail: 'answered 503, expected 200' }),
  gone: async () => new MemoryCheck().always({ ok: false, detail: 'connection refused' }),
});
