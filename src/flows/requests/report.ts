import { createHash } from 'node:crypto';
import type { AuditSource } from '../../domain/audit/entry.ts';
import { type Promotion, type PromotionState, runOf } from '../../domain/promotion/promotion.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import { MOST_REPORTS, type ReportPlace } from '../../domain/reports/report.ts';
import { sameWords } from '../../domain/reports/words.ts';
import { given } from '../../domain/text/given.ts';
import type { RequestContext } from './request.ts';
import { deliver } from './tell-run.ts';

/** A problem that was reported elsewhere than in the thread of a release. */
export interface FoundReport {
  /** Names what was written: the same key counts once. */
  readonly key: string;
  readonly place: ReportPlace;
  /** Slack user id, or the name of a bot or of an account of the host. */
  readonly by: string;
  /** Whether that is somebody of this Slack. */
  readonly isPerson: boolean;
  /** All that was written, to tell it from others. */
  readonly text: string;
  /** What of it may be shown where the release is watched; absent: nothing. */
  readonly quote?: string;
  readonly link?: string;
  /** Of the message. */
  readonly source?: AuditSource;
}

/** `same`: this person, or these words, counted already. */
export type ReportCounted = 'counted' | 'same' | 'too-many' | 'nobody-watches';

const WATCHED: readonly PromotionState[] = ['deploying', 'verifying', 'monitoring'];

/**
 * Counts a problem in the watch of the release that is deployed, verified or watched now: people are asked to look, nothing
 * is rolled back by it. The audit keeps where it is, and none of its words.
 */
export async function countReport(
  requests: RequestContext,
  service: string,
  report: FoundReport,
): Promise<ReportCounted> {
  const { ledger } = requests;
  const promotion = await ledger.openFor(service);
  if (promotion === null || !WATCHED.includes(promotion.state)) return 'nobody-watches';
  if ((promotion.data.monitor?.reports ?? 0) >= MOST_REPORTS) return 'too-many';
  const marks = marksOf(promotion, report);
  for (const mark of marks) if (await ledger.wasSeen(mark)) return 'same';
  const { place, by, quote, link, key, source } = report;
  const reason = `in ${place === 'issue' ? 'an issue' : 'a channel'}${link ? `, ${link}` : ''}`;
  const claimed = await ledger
    .claim(promotion.id, {
      key: `report:${key}`,
      message: { kind: 'report', by, text: quote ?? '', place, ...given({ link }) },
      from: WATCHED,
      audit: {
        actor: report.isPerson ? by : 'slipway',
        action: 'promotion.report',
        result: 'done',
        detail: { place, by, reason },
        ...given({ source }),
      },
    })
    .catch(whenRefused(null, 'promotion-moved-on'));
  if (claimed === null) return 'nobody-watches';
  // Only what is stored counts as seen: whoever dies before is told again.
  for (const mark of marks) await ledger.once(mark);
  if (!claimed.isFirst) return 'same';
  await deliver(requests, { run: runOf(promotion) });
  return 'counted';
}

/** With any of these seen, this report, its person or its words have counted in this watch. */
function marksOf({ id }: Promotion, { by, text, place, key }: FoundReport): readonly string[] {
  const own = `report:${id}:${key}`;
  // An issue is one by its number, whoever opens several; a channel is noisier.
  if (place === 'issue') return [own];
  const words = createHash('sha256').update(sameWords(text)).digest('hex').slice(0, 32);
  return [own, `report:${id}:by:${by}`, `report:${id}:words:${words}`];
}
