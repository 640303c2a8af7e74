import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Config } from '../../config/load.ts';
import { knownAuditKey, openHeads } from '../audit.ts';
import { mustHaveVariables } from '../environment.ts';
import { openWebhooks } from '../webhooks/webhooks.ts';
import { centralOf } from './repository-files.ts';

/**
 * Refuses what a start with this config would refuse, besides its services: a bot that runs must not take what it could not
 * start with. Refusals `variables-missing`, and those of `openWebhooks`, `openApi`, `openHeads` and `knownAuditKey`.
 */
export async function mustStart(
  config: Config,
  { env, log, slack }: { readonly env: NodeJS.ProcessEnv; readonly log: Logger; readonly slack: WebClient },
): Promise<void> {
  mustHaveVariables(centralOf(config), env);
  const services = [...config.layers.keys()];
  openWebhooks(config.webhooks, services, env);
  const api = config.operations?.api;
  if (api) (await import('../operations/api/api.ts')).openApi(api, services, env);
  knownAuditKey(config, env);
  openHeads(config, env, { slack, log });
}
