import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { AuditSigner } from '../engine/audit/signer.ts';
import { whileDatabaseAway } from '../engine/database/connection.ts';
import type { Database } from '../engine/database/open.ts';
import { createEngine, type Engine } from '../engine/runs/engine.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import { crashed } from '../flows/jobs/resume-runs.ts';
import { promote } from '../flows/promote.ts';
import type { RequestContext } from '../flows/requests/request.ts';
import { rollback } from '../flows/rollback/rollback.ts';
import type { Ports } from '../flows/run/ports.ts';
import { LiveServices } from './config/live-services.ts';
import { clock, type Opened } from './services.ts';
import type { SlackParts } from './slack.ts';

export type RunParts = ReturnType<typeof runParts>;

/** What runs promotions and rollbacks, to be launched; what requests and jobs work with; and the services as they are configured now. */
export function runParts(
  { database, signer }: { readonly database: Database; readonly signer: AuditSigner },
  { announcer, people, outbox }: SlackParts,
  opened: ReadonlyMap<string, Opened>,
  log: Logger,
) {
  const ledger = createLedger({ pool: database.pool, now: clock.now, log, signer });
  const live = new LiveServices({ ledger, slack: announcer, people }, opened);
  // Outside of any step, so nothing else would ask again while the database is away.
  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    whileDatabaseAway(work, {
      onAway: () => log.warn('a run waits for the database'),
      isStopping: () => false,
    });
  const withPorts = async <T>(promotionId: string, work: (ports: Ports) => Promise<T>): Promise<T> => {
    const { service } = await patiently(() => ledger.get(promotionId));
    const what = `the configuration of ${service}`;
    let waited = false;
    const ports = await live.onceKnown(promotionId, service, async () => {
      waited = true;
      log.error(
        { promotion: promotionId, service },
        'a promotion waits: the configuration has no such service',
      );
      const notice = { kind: 'trouble', what, reason: 'Slipway has no service of that name now' } as const;
      await patiently(() => announcer.say(promotionId, `${promotionId}:service-unknown`, notice));
    });
    if (waited)
      await patiently(() =>
        announcer.say(promotionId, `${promotionId}:service-known`, { kind: 'recovered', what }),
      );
    try {
      return await work(ports);
    } finally {
      live.forget(promotionId);
    }
  };
  const engine: Engine = createEngine({
    database,
    log,
    now: clock.now,
    flows: {
      promote: (run, { promotionId }) =>
        withPorts(promotionId, (ports) =>
          promote(run, ports, promotionId, (next) =>
            engine.runs.start('promote', next, { promotionId: next }),
          ),
        ),
      rollback: (run, { promotionId, ...order }) =>
        withPorts(promotionId, (ports) => rollback(run, ports, promotionId, order)),
    },
    onCrash: (_flow, id, error) => patiently(() => crashed(requests, id, error, log)),
  });
  const requests: RequestContext = {
    services: live.services,
    leaving: live.leaving,
    ledger,
    runs: engine.runs,
    people,
    threads: outbox,
    now: clock.now,
    newId: (service) => `${service}-${randomBytes(4).toString('hex')}`,
  };
  return { engine, requests, live };
}
