import type { Logger } from 'pino';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../engine/database/open.ts';
import { createLedger } from '../engine/ledger.ts';
import { migrate } from '../engine/migrations/migrate.ts';
import type { Ledger } from '../flows/ledger.ts';

/** Runs `work` on the ledger of this installation. The config is only needed for the embedded database's folder. */
export async function withLedger<T>(
  env: NodeJS.ProcessEnv,
  log: Logger,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const url = env['DATABASE_URL'];
  const dataDir = url ? '.slipway' : (await loadConfig(env['SLIPWAY_CONFIG'] ?? 'slipway.yaml')).dataDir;
  const database = await openDatabase({ url, dataDir, log });
  try {
    await migrate(database.pool);
    return await work(createLedger({ pool: database.pool, now: Date.now }));
  } finally {
    await database.close();
  }
}
