import { byPerson } from '../../audit/entry.ts';
import type { ChartData } from '../../judge/chart.ts';
import type { Judgement } from '../../judge/verdict.ts';
import type { Release } from '../../release/release.ts';
import type { PromotionEvent } from '../event.ts';
import type { OrderedHotfix } from '../hotfix.ts';
import type { Accepted } from '../promotion.ts';
import { problemShown, type ReportedDocument, reportSaid } from './proof.ts';

/** So many findings are kept of what somebody accepted. */
const MOST_ACCEPTED = 5;

/** A promotion that ends without shipping. `by` is a Slack user id; null is nobody in particular. */
export interface Closed {
  readonly kind: 'closed';
  readonly state: 'cancelled' | 'expired' | 'failed';
  readonly by: string | null;
  readonly reason: string;
}

export function closed({ state, by, reason: why }: Omit<Closed, 'kind'>): PromotionEvent {
  // Whoever cancels with a button gives no reason.
  const reason = why.trim();
  return {
    name: `closed-${state}`,
    to: state,
    data: {
      decision: null,
      notice: reason === '' ? null : { kind: state === 'failed' ? 'problem' : 'info', text: reason },
    },
    notice: { kind: 'closed', state, by, reason },
    audit: byPerson(by, `promotion.${state}`, { reason }),
  };
}

/** How the watch ended well: by itself, or with a person's word for it. */
export interface WatchedRelease {
  readonly judgement: Judgement;
  readonly watchedMs: number;
  /** Slack user id; null when the evidence was enough. */
  readonly acceptedBy: string | null;
  /** They accepted it until this hotfix is there. */
  readonly hotfix?: OrderedHotfix;
}

/** What was taken on by whoever ended the watch; null when nobody had to. */
function acceptedIn({ judgement, acceptedBy, hotfix }: WatchedRelease): Accepted | null {
  if (acceptedBy === null) return null;
  const { verdict, findings } = judgement;
  const wrong = findings.filter((finding) => finding.verdict !== 'healthy' && finding.reason);
  const what = wrong.slice(0, MOST_ACCEPTED).map(({ metric, reason }) => `${metric}: ${reason}`);
  return { by: acceptedBy, verdict, what, ...(hotfix === undefined ? {} : { hotfix: hotfix.next }) };
}

/** `report`: with how the watch ended. */
export function shipped(
  release: Release,
  watched: WatchedRelease,
  chart: ChartData,
  report: ReportedDocument,
): PromotionEvent {
  const { judgement, watchedMs, acceptedBy } = watched;
  const accepted = acceptedIn(watched);
  return {
    name: 'shipped',
    to: 'shipped',
    data: { decision: null, notice: problemShown(report), ...(accepted === null ? {} : { accepted }) },
    progress: [{ name: 'monitor', status: 'done' }],
    notice: {
      kind: 'shipped',
      release,
      judgement,
      watchedMs,
      chart,
      report: reportSaid(report, true),
      ...(accepted === null ? {} : { accepted }),
    },
    audit: byPerson(acceptedBy, 'promotion.shipped', {
      version: release.version,
      verdict: judgement.verdict,
      ...(accepted === null ? {} : { accepted: accepted.what }),
      ...(accepted?.hotfix === undefined ? {} : { hotfix: accepted.hotfix }),
    }),
  };
}

/** Something outside does not answer; the run goes on by itself once it does. */
export function waitsFor(name: string, what: string, reason: string): PromotionEvent {
  return {
    name: `${name}-trouble`,
    data: { notice: { kind: 'problem', text: `Waiting for ${what}: ${reason}. Slipway keeps trying.` } },
    notice: { kind: 'trouble', what, reason },
  };
}

export function answersAgain(name: string, what: string): PromotionEvent {
  return { name: `${name}-recovered`, data: { notice: null }, notice: { kind: 'recovered', what } };
}

/** The promotion of the hotfix could not begin, as another one of the service has: whoever asked for it is in line. */
export function hotfixWaits({ by }: OrderedHotfix, open: string): PromotionEvent {
  return { name: 'hotfix-waits', notice: { kind: 'hotfix-waits', by, open } };
}
