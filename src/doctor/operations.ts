import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { webFetch } from '../adapters/shared/network/fetch.ts';
import { limited } from '../adapters/shared/time-limit.ts';
import type { OperationsAddress } from '../app/operations/server.ts';
import { openWebhooks } from '../app/webhooks/webhooks.ts';
import type { Config } from '../config/load.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import { pingEvent } from '../domain/audit/cloud-event.ts';
import { PIPELINE, pipelineActor } from '../domain/operations/api-scopes.ts';
import { policyFor, together } from '../domain/policy/policy.ts';
import { fine, type Probe, problem } from './finding.ts';

const PATIENCE_MS = 2_000;

/** Whether the bot can answer, or does, where those who keep it running ask it; finds nothing where that is off. */
export function operationsProbe(address: () => OperationsAddress | null): Probe {
  return {
    area: 'operations',
    look: async (signal) => {
      const given = address();
      if (given === null) return [];
      const { host, port } = given;
      const code = await whyNotFree(given);
      if (code === null) return [fine(`port ${port} on ${host} is free for /healthz, /readyz and /metrics`)];
      if (code === 'EADDRINUSE' && (await isOurs(given, signal)))
        return [fine(`a bot answers on port ${port} already`)];
      return [
        problem(
          code === 'EADDRINUSE'
            ? `something else on this machine listens on port ${port} already`
            : `the bot cannot listen on ${host}, port ${port} (${code})`,
          'Set METRICS_PORT, or operations.port and operations.host in slipway.yaml, to others.',
        ),
      ];
    },
  };
}

/** Whether the bot would start with the tokens and badges of the API; finds nothing where it is off. */
export function apiProbe(
  config: Pick<Config, 'operations' | 'services' | 'layers'> | null,
  env: NodeJS.ProcessEnv,
): Probe {
  return {
    area: 'operations',
    look: async () => {
      const api = config?.operations?.api;
      if (config === null || api === undefined) return [];
      const { openApi } = await import('../app/operations/api/api.ts');
      openApi(api, [...config.layers.keys()], env);
      const today = new Date().toISOString().slice(0, 10);
      const over = api.tokens.filter(({ expires }) => expires !== undefined && expires < today);
      if (over.length > 0) {
        const names = over.map(({ name, expires }) => `${name} (${expires})`).join(', ');
        return [
          problem(`the time of tokens of the API is over: ${names}`, 'Make new ones, or take them out.'),
        ];
      }
      const short = api.tokens.flatMap(({ name, services = [], 'acts-for': actsFor }) =>
        actsFor === PIPELINE ? services.filter((one) => isShort(config.services.get(one), name)) : [],
      );
      if (short.length > 0) {
        const named = [...new Set(short)].join(', ');
        return [
          problem(
            `what a pipeline asks for takes one approval more, and too few people may approve: ${named}`,
            'Name more people, a user group or `who` under approvals.',
          ),
        ];
      }
      return [fine(`the API can be asked (tokens: ${api.tokens.length}, open badges: ${api.badges.length})`)];
    },
  };
}

/** Whether fewer people are named than have to approve what the pipeline of a token asks for. */
function isShort(of: Pick<ServiceConfig, 'service'> | undefined, token: string): boolean {
  if (of === undefined) return false;
  const { policy } = of.service;
  const { users, groups, everyone } = together([
    policy.approve,
    ...policy.requirements.map(({ who }) => who),
  ]);
  const { approvals } = policyFor(policy, pipelineActor(token));
  return groups.length === 0 && everyone === undefined && users.length < approvals;
}

/** Whether each webhook takes a signed test event. */
export function webhookProbes(
  config: Pick<Config, 'webhooks' | 'layers'> | null,
  env: NodeJS.ProcessEnv,
): readonly Probe[] {
  return (config?.webhooks ?? []).map((settings) => ({
    area: `webhook ${settings.name}`,
    look: async (signal) => {
      const [webhook] = openWebhooks([settings], [...(config?.layers.keys() ?? [])], env);
      const now = Date.now();
      const posted = await webhook?.post(pingEvent(randomUUID(), now), now, signal);
      if (posted?.kind !== 'not-taken') return [fine('it takes a signed event (slipway.ping)')];
      return [
        problem(
          `it does not take a test event: ${posted.why}`,
          'It has to answer 2xx to a signed slipway.ping: see docs/webhooks.md. A 401 or 403 mostly means another secret there.',
        ),
      ];
    },
  }));
}

function whyNotFree({ host, port }: OperationsAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code = 'no reason' }: NodeJS.ErrnoException) => resolve(code));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** Whether what listens there answers as the bot does. */
async function isOurs({ host, port }: OperationsAddress, signal: AbortSignal): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/healthz`;
  try {
    const within = limited(PATIENCE_MS, signal);
    const answer = await webFetch(url, { redirect: 'error', signal: within });
    await answer.body?.cancel();
    return answer.ok && answer.headers.has('x-slipway');
  } catch {
    return false;
  }
}
