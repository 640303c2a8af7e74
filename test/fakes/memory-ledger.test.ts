import { claimsContract } from '../contracts/claims.ts';
import { ledgerContract } from '../contracts/ledger.ts';
import { sequencesContract } from '../contracts/sequences.ts';
import { MemoryLedger } from './memory-ledger.ts';

ledgerContract('in memory', async (now) => new MemoryLedger(now));
claimsContract('in memory', async (now) => new MemoryLedger(now));
sequencesContract('in memory', async (now) => new MemoryLedger(now));
