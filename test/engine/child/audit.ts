// Appends to the audit from a process of its own.
import pg from 'pg';
import { createLedger } from '../../../src/engine/tables/ledger.ts';

const { url, rows } = JSON.parse(process.argv[2] ?? '{}') as { readonly url: string; readonly rows: number };
const pool = new pg.Pool({ connectionString: url, max: 5 });
const ledger = createLedger({ pool, now: Date.now });
await Promise.all(
  Array.from({ length: rows }, (_, index) =>
    ledger.audit({ actor: `U${process.pid}`, action: `button.${index}`, result: 'done' }),
  ),
);
await pool.end();
process.stdout.write('appended\n');
