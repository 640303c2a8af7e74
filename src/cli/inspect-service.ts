import type { Logger } from 'pino';
import { SharedInstances } from '../adapters/shared/shared-instances.ts';
import { loadAtStart } from '../app/config/repository-files.ts';
import { databaseUrls, missingVariables, variablesMissing } from '../app/environment.ts';
import { openService } from '../app/services.ts';
import type { PromotionRequest } from '../domain/promotion/promotion.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { nearest } from '../domain/text/nearest.ts';
import { openDatabase } from '../engine/database/open.ts';
import { prepareTables } from '../engine/migrations/prepare.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import type { ReleasePreview } from '../flows/plan/preview.ts';
import type { Ports } from '../flows/run/ports.ts';
import { type Inspection, inspect } from '../flows/steps/inspect.ts';

interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  onWait(server: string): void;
}

/** Looks at a service as a promotion would; changes nothing outside. Refusals: those of config and database. */
export function inspectService(
  terminal: Terminal,
  request: Pick<PromotionRequest, 'service' | 'feature' | 'bump'>,
): Promise<Inspection & { readonly preview: ReleasePreview | null }> {
  return withService(terminal, request.service, async (ports) => {
    const { preview, ...inspection } = await inspect(ports, { ...request, by: 'slipway' });
    return { ...inspection, preview: await preview() };
  });
}

/** Works on a service without Slack; nobody is asked who they are. Refusals: those of config and database. */
export async function withService<T>(
  { env, log, onWait }: Terminal,
  name: string,
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const around = { env, log, shared: new SharedInstances() };
  const file = env['SLIPWAY_CONFIG'] ?? 'slipway.yaml';
  const { config, troubles } = await loadAtStart(file, around, (service) => service === name);
  const settings = config.services.get(name);
  if (settings === undefined) {
    const trouble = troubles.get(name);
    if (trouble) throw trouble;
    const known = [...config.layers.keys()];
    const suggestion = nearest(name, known);
    throw new Refusal('service-unknown', {
      service: name,
      known,
      ...(suggestion === null ? {} : { suggestion }),
    });
  }
  // Whoever has to set one hears of all, also of those that only `start` needs.
  const own = { audit: { publish: [] }, services: new Map([[name, settings]]) };
  if (missingVariables(own, env).length > 0) throw variablesMissing(missingVariables(config, env));
  const database = await openDatabase({ ...databaseUrls(env), dataDir: config.dataDir, log, onWait });
  try {
    await prepareTables(database, log);
    const ledger = createLedger({ pool: database.pool, now: Date.now });
    const opened = openService(config, settings, env, log);
    const nobody = () => Promise.reject(new Error('Nobody is asked here.'));
    const people = { profile: nobody, byEmail: nobody, members: nobody, isInChannel: nobody };
    try {
      return await work({
        ...opened,
        ledger,
        slack: { refresh: async () => {}, say: async () => {}, addressOf: async () => undefined },
        people: { ...people, forDisplay: people, forClicks: people },
      });
    } finally {
      await Promise.allSettled([opened.repository.close(), opened.metrics?.close()]);
    }
  } finally {
    await database.close();
  }
}
