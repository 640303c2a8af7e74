import type { Logger } from 'pino';
import type { ApiSettings } from '../../config/settings/api.ts';
import { tableCountsIn } from '../../engine/tables/statistics/table-counts.ts';
import { kept, orNull } from './kept.ts';
import { knownServices } from './known-services.ts';
import { type Readiness, readinessOf, type Working } from './readiness.ts';
import { type OperationsAddress, type Pages, serveOperations } from './server.ts';

/** What those who keep the bot running can ask it. */
export interface Operations {
  /** From now on answers for these parts; null while there are none. */
  watch(working: Working | null): void;
  close(): Promise<void>;
}

/** Numbers from the database are asked for this often at most, and waited for this long, ms. */
const COUNTS_MS = 5_000;
const PATIENCE_MS = 2_000;

const NONE: Operations = { watch: () => undefined, close: async () => undefined };

/**
 * Answers `/healthz`, `/readyz` and `/metrics` there, and the API where it is set up, from now on and whatever the bot waits for; with null as address
 * there is nothing of it. Refusal `operations-unavailable`; see `openApi`.
 */
export async function openOperations(
  address: OperationsAddress | null,
  options: {
    readonly services: readonly string[];
    readonly api: ApiSettings | undefined;
    readonly env: NodeJS.ProcessEnv;
    readonly log: Logger;
    readonly now: () => number;
  },
): Promise<Operations> {
  if (address === null) return NONE;
  const { services, api, env, log, now } = options;
  let parts = partsOf(null);
  let requests: Working['runs']['requests'] | null = null;
  // Only a bot that is asked for figures needs the library.
  const { openFigures } = await import('./figures.ts');
  const known = knownServices(services);
  const figures = openFigures({
    services: () => known(requests?.services.keys() ?? null),
    readiness: () => parts.readiness(),
    counts: () => parts.counts(),
    pool: () => parts.pool(),
    now,
  });
  const answerApi = api && (await import('./api/api.ts')).openApi(api, services, env);
  const pages: Pages = {
    readiness: () => parts.readiness(),
    metrics: async () => ({ type: figures.type, text: await figures.text() }),
    api: async (question) => (await answerApi?.(question, requests)) ?? null,
  };
  try {
    const server = await serveOperations(address, pages, log);
    log.info({ host: address.host, port: server.port }, 'answering /healthz, /readyz and /metrics');
    return {
      watch: (working) => {
        parts = partsOf(working);
        requests = working?.runs.requests ?? null;
      },
      close: async () => {
        await server.close();
        figures.close();
      },
    };
  } catch (error) {
    figures.close();
    throw error;
  }
}

function partsOf(working: Working | null) {
  const readiness: () => Promise<Readiness> = readinessOf(working);
  if (working === null) return { readiness, counts: async () => null, pool: () => null };
  const { pool } = working.database;
  const counts = kept(tableCountsIn(pool), COUNTS_MS);
  return {
    readiness,
    counts: () => orNull(counts(), PATIENCE_MS),
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}
