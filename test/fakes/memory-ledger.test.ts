import { ledgerContract } from '../contracts/ledger.ts';
import { MemoryLedger } from './memory-ledger.ts';

ledgerContract('in memory', async (now) => new MemoryLedger(now));
