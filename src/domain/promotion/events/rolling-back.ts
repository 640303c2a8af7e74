import { byPerson, bySlipway } from '../../audit/entry.ts';
import { type Release, releaseName } from '../../release/release.ts';
import { given } from '../../text/given.ts';
import type { PromotionEvent } from '../event.ts';
import type { Notice } from '../notice.ts';
import { type MonitorView, type RollbackOrder, type RollbackRecord, rolledBackSoFar } from '../promotion.ts';
import { type FailedDeployment, failureOf, withProduction } from './delivery.ts';
import { problemOf, problemShown, type ReportedDocument, reportSaid } from './proof.ts';

/** There is nothing to return to. `production` says what is live now, as a sentence. */
export function rollbackImpossible(by: string | null, reason: string, production: string): PromotionEvent {
  return {
    name: 'rollback-impossible',
    to: 'failed',
    data: {
      decision: null,
      stoppable: null,
      notice: { kind: 'problem', text: withProduction(reason, production) },
    },
    notice: { kind: 'rollback-failed', reason, production },
    audit: { ...byPerson(by, 'rollback.impossible', { reason }), result: 'refused' },
  };
}

/** A person stopped a rollback that Slipway had begun by itself: people decide. */
export function rollbackStopped(
  by: string,
  asks: 'warning' | 'unhealthy',
  view?: MonitorView,
): PromotionEvent {
  return {
    name: 'rollback-stopped',
    data: { decision: asks, stoppable: null, ...(view === undefined ? {} : { monitor: view }) },
    notice: { kind: 'rollback-stopped', by },
  };
}

interface Beginning {
  readonly to: Release;
  readonly order: RollbackOrder;
  /** An earlier rollback of the same promotion. */
  readonly before: RollbackRecord | undefined;
  /** Id of the run in charge. */
  readonly run: string;
  /** ms since the epoch */
  readonly at: number;
}

export function rollbackBegan({ to, order, before, run, at }: Beginning): PromotionEvent {
  const { by, reason } = order;
  return {
    name: 'rollback-begin',
    to: 'rolling-back',
    data: {
      rollback: { to, by, reason, startedAt: at, ...rolledBackSoFar(before) },
      decision: null,
      notice: null,
      failure: null,
      unlocked: null,
      stoppable: null,
      stage: null,
      run,
    },
    progress: [{ name: 'rollback', status: 'running', detail: `to ${releaseName(to)}` }],
    notice: { kind: 'rollback-started', to, by, reason },
    audit: byPerson(by, 'rollback.started', { reason, to: to.version }),
  };
}

/** It failed as often as it is tried by itself: people decide. */
export function rollbackFailed(
  to: Release,
  { reason, log, logUrl }: FailedDeployment,
  attempt: number,
  production: string,
): PromotionEvent {
  return {
    name: 'rollback-failed',
    data: {
      decision: 'retry-deploy',
      notice: { kind: 'problem', text: withProduction(`The rollback failed: ${reason}`, production) },
      failure: failureOf({ log, logUrl }),
    },
    progress: [{ name: 'rollback', status: 'failed', detail: reason }],
    notice: { kind: 'rollback-failed', reason, production, ...(log ? { log } : {}) },
    audit: bySlipway('rollback.failed', { attempt, to: to.version, reason }, 'failed'),
  };
}

export const rollbackRetried: PromotionEvent = {
  name: 'rollback-retry',
  data: { decision: null, notice: null, failure: null },
  progress: [{ name: 'rollback', status: 'running' }],
};

/** A person gave it up, or nobody decided in time. */
export function rollbackGivenUp(by: string | null, why: string, production: string): PromotionEvent {
  const reason = withProduction(`The rollback failed and was given up: ${why}`, production);
  return {
    name: 'rollback-given-up',
    to: 'failed',
    data: { decision: null, notice: { kind: 'problem', text: reason } },
    notice: { kind: 'closed', state: 'failed', by, reason },
    audit: byPerson(by, 'rollback.given-up', { reason }),
  };
}

interface Ending {
  readonly to: Release;
  readonly by: string | null;
  readonly record: RollbackRecord | null;
  readonly incident: ReportedDocument | null;
  /** A tag that was to be deleted and stays. */
  readonly tagStays: Extract<Notice, { kind: 'rolled-back' }>['tagStays'] | null;
  /** What a rollback of this target leaves as it is, besides migrations. */
  readonly notUndone: readonly string[];
}

/** As the card says how long it took. */
function timesOf(record: RollbackRecord | null) {
  if (record?.finishedAt === undefined) return {};
  return { startedAt: record.startedAt, finishedAt: record.finishedAt };
}

export function rolledBack({ to, by, record, incident, tagStays, notUndone }: Ending): PromotionEvent {
  const incidentPath = incident?.problem === null ? incident.path : undefined;
  const problem = incident === null ? undefined : problemOf(incident);
  return {
    name: 'rolled-back',
    to: 'rolled-back',
    data: {
      decision: null,
      failure: null,
      notice: problemShown(incident),
      ...(record ? { rollback: { ...record, ...given({ incidentPath }) } } : {}),
    },
    progress: [{ name: 'rollback', status: 'done', ...timesOf(record) }],
    notice: {
      kind: 'rolled-back',
      to,
      ...(record?.finishedAt === undefined ? {} : { at: record.finishedAt }),
      health: record?.health ?? [],
      notUndone: ['database migrations', ...notUndone],
      ...(tagStays ? { tagStays } : {}),
      ...(incident ? { incident: reportSaid(incident, true) } : {}),
    },
    audit: byPerson(by, 'rollback.finished', { to: to.version, ...given({ problem }) }),
  };
}
