import { releasePage } from '../../domain/documents/release-page.ts';
import type { WatchedRelease } from '../../domain/promotion/events/ending.ts';
import { type PublishedPage, releasePagePublished } from '../../domain/promotion/events/proof.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { inOneLine } from '../../domain/refusals/sentence.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { given } from '../../domain/text/given.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Where the promotion stands when its release page is written. */
export type NotesMoment =
  | { readonly kind: 'deployed' }
  | { readonly kind: 'watched'; readonly watched: WatchedRelease }
  | { readonly kind: 'rolled-back'; readonly to: string };

type Published = PublishedPage | { readonly kind: 'later' };

/**
 * Writes the page of the release on the host, or brings it up to date. Nothing waits for it right after a
 * deployment: when the host does not answer then, the next moment writes it.
 */
export async function publishNotes(run: PromotionRun, moment: NotesMoment): Promise<void> {
  if (run.ports.repository.publishRelease === undefined) return;
  const name = `release-page-${moment.kind}`;
  const yields = moment.kind === 'watched' && run.does('hearsToTheEnd');
  const done =
    moment.kind === 'deployed'
      ? await run.step(name, () => publish(run, moment).catch(orLater))
      : await run.patiently(name, () => publish(run, moment), { yields }).catch(orLater);
  if (done.kind === 'later') return;
  await run.record(releasePagePublished(done, moment.kind));
}

async function publish(run: PromotionRun, moment: NotesMoment): Promise<Published> {
  const { ledger, repository } = run.ports;
  const { plan, release, deployment, reportUrl, rollback } = (await ledger.get(run.id)).data;
  if (!plan || !release || release.tag === '' || repository.publishRelease === undefined) {
    return { kind: 'later' };
  }
  const page = releasePage({
    plan,
    release,
    deployment,
    reportUrl,
    compareUrl: plan.rollbackTo
      ? repository.links.compare(plan.rollbackTo.commit, release.commit)
      : undefined,
    ...given({
      watched: moment.kind === 'watched' ? watchInWords(moment.watched) : undefined,
      rolledBack:
        moment.kind === 'rolled-back' && rollback
          ? { to: moment.to, reason: rollback.reason, at: rollback.finishedAt ?? rollback.startedAt }
          : undefined,
    }),
  });
  try {
    return { kind: 'published', url: (await repository.publishRelease(release, page)).url };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = inOneLine(explain(error));
    return { kind: 'refused', reason: `The page of ${release.tag} could not be written. ${why}` };
  }
}

function watchInWords({ watchedMs, judgement }: WatchedRelease): string {
  return `watched for ${durationInWords(watchedMs)}: ${judgement.verdict}`;
}

function orLater(error: unknown): Published {
  if (error instanceof Unavailable) return { kind: 'later' };
  throw error;
}
