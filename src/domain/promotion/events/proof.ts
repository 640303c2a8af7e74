import { byPerson, bySlipway } from '../../audit/entry.ts';
import { given } from '../../text/given.ts';
import type { OwnRollback } from '../alarm.ts';
import type { PromotionEvent } from '../event.ts';
import { type HealthResult, healthVerdict, notPassed } from '../health.ts';
import type { PromotionData } from '../promotion.ts';

/** So many checks are kept of what somebody accepted. */
const MOST_ACCEPTED = 5;

/** The health checks run; again, while people are asked, or because a person wanted it. */
export function verifying(again: 'by-itself' | 'by-person' | null): PromotionEvent {
  return { ...VERIFYING, ...(again === 'by-itself' ? { asksOn: true as const } : {}) };
}

const VERIFYING: PromotionEvent = {
  name: 'verifying',
  to: 'verifying',
  data: { decision: null, notice: null },
  progress: [{ name: 'health', status: 'running' }],
};

/** The checks that failed, in words; not those that could not be asked. */
export function unhealthy(results: readonly HealthResult[]): readonly string[] {
  return results.filter(({ ok, unasked }) => !ok && !unasked).map(({ name, detail }) => `${name}: ${detail}`);
}

/**
 * All checks are decided. `asks`: people decide what becomes of an unhealthy production. `isTold`: the thread has heard of
 * the same.
 */
export function healthChecked(
  results: readonly HealthResult[],
  asks: boolean,
  { rollsBack, isTold = false }: { readonly rollsBack?: OwnRollback; readonly isTold?: boolean } = {},
): PromotionEvent {
  const verdict = healthVerdict(results);
  const bad = unhealthy(results);
  const { unasked } = notPassed(results);
  return {
    name: 'verified',
    data: {
      health: results,
      decision: asks ? 'unhealthy' : null,
      ...(rollsBack ? { stoppable: rollsBack.until } : {}),
    },
    progress: [
      verdict === 'critical'
        ? { name: 'health', status: 'failed', detail: bad.join('; ') }
        : {
            name: 'health',
            status: 'done',
            detail:
              results.length === 0
                ? 'nothing was checked'
                : `${results.length - bad.length - unasked} of ${results.length} checks passed${unasked === 0 ? '' : `, ${unasked} could not be asked`}`,
          },
    ],
    // What is well is said with the begin of the watch.
    ...(verdict === 'healthy' || isTold
      ? {}
      : { notice: { kind: 'health', verdict, results, ...(rollsBack ? { rollsBack } : {}) } }),
    audit: bySlipway('health.checked', {
      verdict,
      bad,
      ...(unasked === 0 ? {} : { unasked }),
      ...(results.length === 0 ? { checks: 0 } : {}),
    }),
  };
}

/** A person goes on with a production that is not healthy. */
export function unhealthyAccepted(by: string, results: readonly HealthResult[]): PromotionEvent {
  const what = unhealthy(results).slice(0, MOST_ACCEPTED);
  return {
    name: 'accepted-unhealthy',
    data: { decision: null, accepted: { by, verdict: 'critical', what } },
    notice: { kind: 'risk-accepted', by, risk: 'failed-checks', what },
    audit: byPerson(by, 'health.accepted', { bad: unhealthy(results) }),
  };
}

export const reporting: PromotionEvent = {
  name: 'reporting',
  progress: [{ name: 'report', status: 'running' }],
};

/** The ship report, as it was committed or could not be. */
export interface ReportedDocument {
  readonly path: string;
  readonly url?: string;
  readonly text: string;
  /** Why nothing was committed, for people. */
  readonly problem: string | null;
  /** Why the state file stayed as it was, and what to do, for people. */
  readonly leftAlone?: string;
  /** Where it waits until the branch takes it: `pull request #12 (https://…)`. */
  readonly waitsIn?: string;
}

/** What people have to hear of it: why it could not be committed, or why the state file does not say the same. */
export function problemOf({ problem, leftAlone }: Pick<ReportedDocument, 'problem' | 'leftAlone'>) {
  return problem ?? leftAlone;
}

/** The same for the card. */
export function problemShown(document: ReportedDocument | null): NonNullable<PromotionData['notice']> | null {
  const text = document === null ? undefined : problemOf(document);
  return text === undefined ? null : { kind: 'problem', text };
}

/** As the thread hears of it; `isShown`: it gets the text too. */
export function reportSaid(document: ReportedDocument, isShown: boolean) {
  const { path, url, text, problem } = document;
  return {
    path,
    ...(isShown ? { text } : {}),
    ...(problem === null ? {} : { isLate: true as const }),
    ...given({ url, problem: problemOf(document) }),
  };
}

/**
 * `isFirst`: the report after the deploy, which the thread gets with the begin of the watch; the one after the watch replaces
 * it.
 */
export function reported(document: ReportedDocument, isFirst: boolean): PromotionEvent {
  const { path, url, problem, waitsIn } = document;
  return {
    name: isFirst ? 'reported-deployed' : 'reported-watched',
    data: {
      reportPath: path,
      reportUrl: url ?? null,
      notice: problemShown(document),
    },
    progress: [
      {
        name: 'report',
        status: problem ? 'failed' : 'done',
        detail: problem ?? (waitsIn ? `${path}, waiting in ${waitsIn}` : path),
        ...(url ? { link: url } : {}),
      },
    ],
    audit: bySlipway(
      'report.committed',
      { path, ...given({ reason: problemOf(document) }) },
      problem ? 'refused' : 'done',
    ),
  };
}

/** The page of the release on the host. */
export type PublishedPage =
  | { readonly kind: 'published'; readonly url: string }
  | { readonly kind: 'refused'; readonly reason: string };

export function releasePagePublished(page: PublishedPage, moment: string): PromotionEvent {
  const isRefused = page.kind === 'refused';
  return {
    name: `release-page-${moment}-done`,
    data: { pageProblem: isRefused ? page.reason : null },
    audit: bySlipway(
      'release.published',
      isRefused ? { reason: page.reason } : { url: page.url },
      isRefused ? 'refused' : 'done',
    ),
  };
}
