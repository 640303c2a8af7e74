import { type ShipFacts, shipReport, type WatchResult } from '../../domain/documents/ship-report.ts';
import type { WatchedRelease } from '../../domain/promotion/events/ending.ts';
import { type ReportedDocument, reported, reporting } from '../../domain/promotion/events/proof.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { recordDeployment } from '../../domain/state-file/update.ts';
import { given } from '../../domain/text/given.ts';
import { commit, type Edit, linksOf, namesOf, reportPath, statePath } from '../documents/commit-document.ts';
import { publishNotes } from '../documents/release-page.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Tries of the first report, a few seconds in all. */
const FIRST_REPORT_TRIES = 3;

type Written = ReportedDocument & {
  readonly yielded?: true;
  /** The one before could not be committed. */
  readonly makesUp?: true;
};

/**
 * Commits the ship report and the state file: after the deploy, and with the result once the window closed.
 * A report that cannot be committed does not undo a good deployment: the thread gets it all the same.
 */
export async function writeReport(
  run: PromotionRun,
  plan: Plan,
  watched: WatchedRelease | null,
): Promise<Written> {
  const when = watched === null ? 'deployed' : 'watched';
  const subject = watched === null ? 'docs(ship): report of' : 'docs(ship): how the watch ended for';
  if (watched === null) await run.record(reporting);
  const key = `${run.id}-report-${when}`;
  const done: Written = await run
    .patiently(
      `report-${when}`,
      async () => {
        const promotion = await run.ports.ledger.get(run.id);
        const text = await reportText(run.ports, promotion, plan, watched);
        const isMissing = promotion.data.steps?.some(
          ({ name, status }) => name === 'report' && status === 'failed',
        );
        const written = await commit(run.ports, { id: run.id, plan }, key, `${subject} ${plan.version.tag}`, [
          { path: reportPath(plan), edit: () => text },
          stateEdit(promotion, plan),
        ]);
        return isMissing ? { ...written, makesUp: true as const } : written;
      },
      // Production has to be watched: the first report waits for nobody, the last one brings everything along. It waits for its
      // host, but not while production is to be brought back.
      watched === null ? { tries: FIRST_REPORT_TRIES } : { yields: run.does('hearsToTheEnd') },
    )
    .catch((error: unknown) => (watched === null ? unwritten(run, plan, error) : goesBack(plan, error)));
  if (done.yielded) return done;
  if (watched !== null) await publishNotes(run, { kind: 'watched', watched });
  if (watched !== null && done.problem === null && !done.makesUp) return done;
  await run.record(reported(done, watched === null));
  if (watched === null) await publishNotes(run, { kind: 'deployed' });
  return done;
}

/** The last report, for which its host was waited until a rollback was asked for: that writes the next one. */
function goesBack(plan: Plan, error: unknown): Written {
  if (!(error instanceof Unavailable)) throw error;
  return { path: reportPath(plan), text: '', problem: error.message, yielded: true };
}

/** The report that could not be committed now, for the thread. */
async function unwritten(run: PromotionRun, plan: Plan, error: unknown): Promise<Written> {
  if (!(error instanceof Unavailable)) throw error;
  const path = reportPath(plan);
  const text = await run.step('report-unwritten', async () =>
    reportText(run.ports, await run.ports.ledger.get(run.id), plan, null),
  );
  const problem = `${path} could not be committed: ${error.message}. It is tried again when the watch is over.`;
  return { path, text, problem };
}

function stateEdit({ data }: Promotion, plan: Plan): Edit {
  const path = statePath(plan);
  return {
    path,
    edit: (before) => {
      const { release, deployment } = data;
      if (before === null || !release || !deployment) return before;
      return recordDeployment(path, before, { release, deployment, ...given({ url: plan.target.url }) });
    },
  };
}

async function reportText(
  ports: Ports,
  promotion: Promotion,
  plan: Plan,
  watched: WatchedRelease | null,
): Promise<string> {
  const facts = await shipFacts(ports, promotion, plan, watched?.acceptedBy);
  return shipReport({ ...facts, ...given({ watch: watched ? watchResult(promotion, watched) : undefined }) });
}

/** All that the ship report tells but how the watch ended, with the names also of who accepted that. */
export async function shipFacts(
  ports: Ports,
  promotion: Promotion,
  plan: Plan,
  acceptedBy?: string | null,
): Promise<ShipFacts> {
  const { release, deployment, health, rollback, reports = [] } = promotion.data;
  if (!release || !deployment) throw new Error(`promotion ${promotion.id} has no deployment to report`);
  const approvals = (await ports.ledger.approvals(promotion.id)).filter((approval) => approval.valid);
  const overrides = await ports.ledger.overrides(promotion.id, promotion.data.overrides ?? []);
  const back = plan.rollbackTo && ports.target.rollbackCommands?.(plan.rollbackTo);
  return {
    service: ports.service,
    plan,
    release,
    deployment,
    health: health ?? [],
    checkedByTarget: ports.target.verifies,
    requestedBy: promotion.request.by,
    token: promotion.request.token,
    note: promotion.request.note,
    hotfix: promotion.request.hotfix,
    approvals,
    overrides,
    names: await namesOf(ports, [
      promotion.request.by,
      rollback?.by,
      acceptedBy,
      ...reports.flatMap(({ by }) => (/^[UW][A-Z0-9]+$/.test(by) ? [by] : [])),
      ...approvals.map(({ by }) => by),
      ...overrides.flatMap(({ by, acknowledged }) => [by, acknowledged?.by]),
    ]),
    links: await linksOf(ports, promotion.id, release, plan.rollbackTo),
    notUndone: ['database migrations', ...ports.target.notUndone],
    ...given({ rollbackCommands: back ?? undefined }),
  };
}

function watchResult({ data }: Promotion, watched: WatchedRelease): WatchResult {
  const { judgement, watchedMs, acceptedBy, hotfix } = watched;
  return {
    judgement,
    watchedMs,
    endedAt: (data.monitor?.startedAt ?? 0) + watchedMs,
    outcome: 'shipped',
    reports: data.monitor?.reports ?? 0,
    ...given({ reported: data.reports, acceptedBy: acceptedBy ?? undefined, hotfix: hotfix?.next }),
  };
}
