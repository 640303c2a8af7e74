import { type IncidentFacts, leftBy, withIncident } from '../../domain/documents/incident.ts';
import { rolledBackReport } from '../../domain/documents/rolled-back-report.ts';
import type { WatchResult } from '../../domain/documents/ship-report.ts';
import type { ReportedDocument } from '../../domain/promotion/events/proof.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { Promotion, RollbackRecord } from '../../domain/promotion/promotion.ts';
import { type Live, mayRun, type Release } from '../../domain/release/release.ts';
import { recordRollback } from '../../domain/state-file/update.ts';
import { given } from '../../domain/text/given.ts';
import {
  commit,
  type Edit,
  incidentPath,
  linksOf,
  namesOf,
  reportPath,
  statePath,
} from '../documents/commit-document.ts';
import { liveRelease } from '../plan/known-releases.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { shipFacts } from '../steps/report.ts';

/**
 * Commits the incident document, and marks ship report and state file as rolled back; its `problem` says why that is refused.
 * Null where nothing was rolled back.
 * A further rollback of the same promotion is added to its document.
 */
export async function writeIncident(run: PromotionRun): Promise<ReportedDocument | null> {
  const { ports, id } = run;
  return run.patiently('incident', async () => {
    const promotion = await ports.ledger.get(id);
    const { plan, release, rollback } = promotion.data;
    if (!plan || !release || !rollback) return null;
    const facts = await incidentFacts(ports, promotion, { plan, release, rollback });
    const { to, reason } = rollback;
    const state = { to, at: rollback.finishedAt ?? rollback.startedAt, reason };
    return commit(
      ports,
      { id: run.id, plan },
      `${run.journal.id}-incident`,
      `docs(ship): incident of ${release.tag}`,
      [
        { path: incidentPath(plan, release), edit: (before) => withIncident(before, facts) },
        ...(await reportEdit(ports, promotion, plan, facts)),
        { path: statePath(plan), edit: (before) => before && recordRollback(statePath(plan), before, state) },
      ],
    );
  });
}

async function incidentFacts(
  ports: Ports,
  promotion: Promotion,
  { plan, release, rollback }: Required<Pick<IncidentFacts, 'plan' | 'release' | 'rollback'>>,
): Promise<IncidentFacts> {
  const { deployment, health, monitor } = promotion.data;
  const trail = await ports.ledger.auditTrail({ promotionId: promotion.id, limit: 500 });
  // That a document was committed is told where the document is.
  const rows = trail.filter(({ action }) => action !== 'commit.made').toReversed();
  const people = rows.map(({ actor }) => actor).filter((actor) => actor !== 'slipway');
  const left = leftBy({ release, rollback });
  return {
    service: ports.service.name,
    plan,
    release,
    rollback,
    audit: rows,
    notUndone: ['database migrations', ...ports.target.notUndone],
    names: await namesOf(ports, [...people, rollback.by]),
    links: await linksOf(ports, promotion.id, left, rollback.to),
    ...given({
      live: rollback.from && (await nameLive(ports, rollback.from, [left, release])),
      deployment,
      health,
      judgement: monitor?.judgement,
    }),
  };
}

/** What was live, as one of the releases that it may well be, or by its tag. */
async function nameLive(ports: Ports, live: Live, likely: readonly Release[]): Promise<Release | null> {
  return (
    likely.find((release) => mayRun(live, release)) ?? liveRelease(ports, await ports.repository.refs(), live)
  );
}

/** Nothing when no ship report was written before the rollback. */
async function reportEdit(
  ports: Ports,
  promotion: Promotion,
  plan: Plan,
  incident: IncidentFacts,
): Promise<readonly Edit[]> {
  if (promotion.data.reportPath === undefined) return [];
  const { rollback, release } = incident;
  const path = incidentPath(plan, release);
  const facts = { ...(await shipFacts(ports, promotion, plan)), ...watchOf(promotion, rollback) };
  const rolledBack = {
    from: leftBy(incident),
    to: rollback.to,
    at: rollback.finishedAt ?? rollback.startedAt,
    by: rollback.by,
    reason: rollback.reason,
    incident: { path, url: ports.repository.links.file(path, plan.candidate.branch) },
  };
  return [{ path: reportPath(plan), edit: (before) => rolledBackReport(before, facts, rolledBack) }];
}

/** The end of a watch that was going on when the rollback began. */
function watchOf({ data }: Promotion, rollback: RollbackRecord): { readonly watch?: WatchResult } {
  const { monitor, steps = [] } = data;
  const isOver = steps.some(({ name, status }) => name === 'monitor' && status === 'done');
  if (monitor === undefined || isOver || rollback.after) return {};
  return {
    watch: {
      judgement: monitor.judgement,
      watchedMs: rollback.startedAt - monitor.startedAt,
      endedAt: rollback.startedAt,
      outcome: 'rolled-back',
      reports: monitor.reports,
    },
  };
}
