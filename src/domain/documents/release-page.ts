import type { Plan } from '../promotion/plan.ts';
import type { Deployment, Release } from '../release/release.ts';
import { withoutReferences } from '../text/references.ts';
import { visible } from '../text/visible.ts';
import { link, note, plain } from './markdown.ts';

export interface ReleasePageFacts {
  readonly plan: Plan;
  readonly release: Release;
  readonly deployment?: Deployment | undefined;
  readonly reportUrl?: string | undefined;
  readonly compareUrl?: string | undefined;
  /** How the watch ended, in a few words: "watched for 20 minutes, healthy". */
  readonly watched?: string | undefined;
  readonly rolledBack?: { readonly to: string; readonly reason: string; readonly at: number } | undefined;
}

/** Title and Markdown of a release's page on the host. The same facts give the same text. */
export function releasePage(facts: ReleasePageFacts): {
  readonly title: string;
  readonly body: string;
  readonly withheld: boolean;
} {
  const { plan, release, deployment, reportUrl, compareUrl, watched, rolledBack } = facts;
  const lines = [
    deployment && `Deployed to production on ${when(deployment.finishedAt)}`,
    watched,
    reportUrl && link('ship report', reportUrl),
    compareUrl && link('all changes', compareUrl),
  ].filter((part) => part !== undefined);
  const paragraphs = [
    rolledBack &&
      `> **Rolled back** to ${plain(rolledBack.to)} on ${when(rolledBack.at)}: ${note(rolledBack.reason)}`,
    withoutReferences(visible(plan.changelog)).trim() || 'No changes are listed.',
    lines.length > 0 ? `---\n${lines.join(' · ')}` : undefined,
  ].filter((part) => part !== undefined);
  return {
    title: visible(release.tag),
    body: `${paragraphs.join('\n\n')}\n`,
    withheld: rolledBack !== undefined || release.version.includes('-'),
  };
}

/** `2026-11-23 01:47 UTC` */
function when(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
