import { SharedInstances } from '../adapters/shared/shared-instances.ts';
import { loadAtStart } from '../app/config/repository-files.ts';
import { missingVariables, variablesMissing } from '../app/environment.ts';
import { closeServices, openService } from '../app/services.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { nearest } from '../domain/text/nearest.ts';
import type { Ports } from '../flows/run/ports.ts';
import { type Invocation, quietLog } from './invocation.ts';
import { withLedger } from './with-ledger.ts';

/** Works on a service without Slack; nobody is asked who they are. Refusals: those of config and database. */
export async function withService<T>(
  invocation: Pick<Invocation, 'env' | 'output'>,
  name: string,
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const { env } = invocation;
  const log = quietLog(env);
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
  return withLedger(invocation, config.dataDir, async ({ ledger }) => {
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
      await closeServices([opened]);
    }
  });
}
