import { incidentReport } from '../domain/incident.ts';
import type { Plan } from '../domain/plan.ts';
import type { Promotion } from '../domain/promotion.ts';
import { Refusal, Unavailable } from '../domain/refusal.ts';
import { explain } from '../domain/refusals.ts';
import type { Release } from '../domain/release.ts';
import { type Names, type ReportLinks, shipReport, type WatchResult } from '../domain/report.ts';
import { recordDeployment, recordRollback } from '../domain/state-file/update.ts';
import { awayOf } from './away.ts';
import type { Chronicle } from './chronicle.ts';
import type { StoredAuditEntry } from './ledger.ts';
import type { MonitorOutcome } from './monitor.ts';
import type { Ports } from './ports.ts';
import { publishNotes } from './release-notes.ts';

type Watched = Extract<MonitorOutcome, { kind: 'shipped' }>;
/** Tries of the first report, a few seconds in all. */
const FIRST_REPORT_TRIES = 3;

interface Written {
  readonly path: string;
  readonly url?: string;
  readonly text: string;
}

/**
 * Commits the ship report and the state file: after the deploy, and with the result once the window closed.
 * A report that cannot be committed does not undo a good deployment: the thread gets it all the same.
 */
export async function writeReport(chronicle: Chronicle, plan: Plan, watched: Watched | null): Promise<void> {
  const when = watched === null ? 'deployed' : 'watched';
  const subject = watched === null ? 'docs(ship): report of' : 'docs(ship): how the watch ended for';
  if (watched === null)
    await chronicle.mark('reporting', { progress: [{ name: 'report', status: 'running' }] });
  const key = `${chronicle.id}-report-${when}`;
  const done = await chronicle
    .patiently(
      `report-${when}`,
      async () => {
        const promotion = await chronicle.ports.ledger.get(chronicle.id);
        const text = await reportText(chronicle.ports, promotion, plan, watched);
        return commit(chronicle.ports, plan, key, `${subject} ${plan.version.tag}`, [
          { path: reportPath(plan), edit: () => text },
          stateEdit(promotion, plan),
        ]);
      },
      // Production has to be watched: the first report waits for nobody, the last one brings everything along.
      watched === null ? { tries: FIRST_REPORT_TRIES } : {},
    )
    .catch((error: unknown) => unwritten(chronicle, plan, error));
  if (watched !== null) await publishNotes(chronicle, { kind: 'watched', watched });
  if (watched !== null && done.problem === null) return;
  await chronicle.mark(`reported-${when}`, {
    data: {
      reportPath: done.path,
      reportUrl: done.url ?? null,
      notice: done.problem ? { kind: 'problem', text: done.problem } : null,
    },
    progress: [
      {
        name: 'report',
        status: done.problem ? 'failed' : 'done',
        detail: done.problem ?? (done.waitsIn ? `${done.path}, waiting in ${done.waitsIn}` : done.path),
        ...(done.url ? { link: done.url } : {}),
      },
    ],
    ...(watched === null
      ? {
          notice: {
            kind: 'report',
            path: done.path,
            text: done.text,
            ...(done.url ? { url: done.url } : {}),
          },
        }
      : {}),
    audit: {
      actor: 'slipway',
      action: 'report.committed',
      result: done.problem ? 'refused' : 'done',
      detail: { path: done.path },
    },
  });
  if (watched === null) await publishNotes(chronicle, { kind: 'deployed' });
}

/** The report that could not be committed now, for the thread. */
async function unwritten(chronicle: Chronicle, plan: Plan, error: unknown): Promise<Committed> {
  if (!(error instanceof Unavailable)) throw error;
  const path = reportPath(plan);
  const text = await chronicle.run.step('report-unwritten', async () =>
    reportText(chronicle.ports, await chronicle.ports.ledger.get(chronicle.id), plan, null),
  );
  const problem = `${path} could not be committed: ${error.message}. It is tried again when the watch is over.`;
  return { path, text, problem };
}

/** Commits the incident document and marks the state file as rolled back; null when that is refused. */
export async function writeIncident(chronicle: Chronicle, to: Release): Promise<Written | null> {
  const { ports, id } = chronicle;
  const done = await chronicle.patiently('incident', async () => {
    const promotion = await ports.ledger.get(id);
    const { plan, release, rollback } = promotion.data;
    if (!plan || !release || !rollback) return null;
    const text = await incidentText(ports, promotion, plan, release);
    const facts = { to, at: rollback.startedAt, reason: rollback.reason };
    return commit(ports, plan, `${chronicle.run.id}-incident`, `docs(ship): incident of ${release.tag}`, [
      { path: incidentPath(plan, release), edit: () => text },
      { path: statePath(plan), edit: (before) => recordRollback(statePath(plan), before ?? '', facts) },
    ]);
  });
  if (done === null || done.problem) return null;
  return { path: done.path, text: done.text, ...(done.url ? { url: done.url } : {}) };
}

interface Committed extends Written {
  /** Why nothing was committed, for people. */
  readonly problem: string | null;
  /** Where it waits until the branch takes it: "pull request #12 (https://…)". */
  readonly waitsIn?: string;
}

type Edit = { readonly path: string; readonly edit: (before: string | null) => string };

async function commit(
  ports: Ports,
  plan: Plan,
  key: string,
  message: string,
  edits: readonly Edit[],
): Promise<Committed> {
  const [document] = edits;
  const path = document?.path ?? '';
  const text = document?.edit(null) ?? '';
  const { branch } = plan.candidate;
  try {
    const { commit: made, waitsIn } = await ports.forge.commitFiles({ branch, message, edits }, key);
    const url = ports.forge.links.file(path, made);
    return {
      path,
      text,
      problem: null,
      ...(url === undefined ? {} : { url }),
      ...(waitsIn === undefined ? {} : { waitsIn }),
    };
  } catch (error) {
    if (!(error instanceof Refusal) || awayOf(error, true)) throw error;
    return { path, text, problem: `${path} could not be committed. ${explain(error).text}` };
  }
}

function stateEdit({ data }: Promotion, plan: Plan): Edit {
  const path = statePath(plan);
  return {
    path,
    edit: (before) => {
      const { release, deployment } = data;
      if (before === null || !release || !deployment) return before ?? '';
      return recordDeployment(path, before, {
        release,
        deployment,
        ...(plan.target.url ? { url: plan.target.url } : {}),
      });
    },
  };
}

async function reportText(
  ports: Ports,
  promotion: Promotion,
  plan: Plan,
  watched: Watched | null,
): Promise<string> {
  const { release, deployment, health } = promotion.data;
  if (!release || !deployment) throw new Error(`promotion ${promotion.id} has no deployment to report`);
  const approvals = (await ports.ledger.approvals(promotion.id)).filter((approval) => approval.valid);
  const names = await namesOf(ports, [
    promotion.request.by,
    watched?.acceptedBy,
    ...approvals.map(({ by }) => by),
  ]);
  const back = plan.rollbackTo && ports.target.rollbackCommands?.(plan.rollbackTo);
  return shipReport({
    service: ports.service,
    plan,
    release,
    deployment,
    health: health ?? [],
    requestedBy: promotion.request.by,
    note: promotion.request.note,
    approvals,
    names,
    links: linksOf(ports, plan, release),
    notUndone: ['database migrations', ...ports.target.notUndone],
    ...(back ? { rollbackCommands: back } : {}),
    ...(watched ? { watch: watchResult(promotion, watched) } : {}),
  });
}

function watchResult({ data }: Promotion, watched: Watched): WatchResult {
  const { judgement, watchedMs, acceptedBy } = watched;
  return {
    judgement,
    watchedMs,
    endedAt: (data.monitor?.startedAt ?? 0) + watchedMs,
    outcome: 'shipped',
    reports: data.monitor?.reports ?? 0,
    ...(acceptedBy === null ? {} : { acceptedBy }),
  };
}

async function incidentText(
  ports: Ports,
  promotion: Promotion,
  plan: Plan,
  release: Release,
): Promise<string> {
  const { deployment, health, monitor, rollback } = promotion.data;
  if (!rollback) throw new Error(`promotion ${promotion.id} was not rolled back`);
  const trail = await ports.ledger.auditTrail({ promotionId: promotion.id, limit: 500 });
  const people = trail.map(({ actor }) => actor).filter((actor) => actor !== 'slipway');
  return incidentReport({
    service: ports.service.name,
    plan,
    release,
    rollback,
    timeline: trail.map(happening),
    notUndone: ['database migrations', ...ports.target.notUndone],
    names: await namesOf(ports, [...people, rollback.by]),
    links: linksOf(ports, plan, release),
    ...(deployment ? { deployment } : {}),
    ...(health ? { health } : {}),
    ...(monitor ? { judgement: monitor.judgement } : {}),
  });
}

function happening({ at, action, actor, result }: StoredAuditEntry) {
  const what = `${action.replaceAll(/[.-]/g, ' ')}${result === 'refused' ? ' (refused)' : ''}`;
  return { at, what, by: actor === 'slipway' ? null : actor };
}

/** Names for documents. Slack may be away: then the id stands for the name. */
async function namesOf(ports: Ports, users: readonly (string | null | undefined)[]): Promise<Names> {
  const known = new Map<string, string>();
  for (const user of new Set(users)) {
    if (!user) continue;
    try {
      known.set(user, (await ports.people.profile(user)).name);
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unavailable)) throw error;
    }
  }
  return (user) => known.get(user) ?? user;
}

function linksOf({ forge }: Ports, plan: Plan, release: Release): ReportLinks {
  return {
    release: release.url ?? forge.links.tag(release.tag),
    commit: forge.links.commit(release.commit),
    compare: plan.rollbackTo ? forge.links.compare(plan.rollbackTo.commit, release.commit) : undefined,
  };
}

function reportPath(plan: Plan): string {
  return `${folderOf(plan)}/production-ship-report.md`;
}

function incidentPath(plan: Plan, release: Release): string {
  return `${folderOf(plan)}/incident-${release.version}.md`;
}

function statePath(plan: Plan): string {
  return plan.candidate.stateFile?.path ?? `${folderOf(plan)}/state.yaml`;
}

function folderOf(plan: Plan): string {
  return plan.candidate.feature?.dir ?? '.';
}
