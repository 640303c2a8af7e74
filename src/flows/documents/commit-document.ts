import type { FilesCommit } from '../../adapters/repositories/port.ts';
import type { Names, ReportLinks } from '../../domain/documents/ship-report.ts';
import { isPipeline } from '../../domain/operations/api-scopes.ts';
import type { ReportedDocument } from '../../domain/promotion/events/proof.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { inOneLine } from '../../domain/refusals/sentence.ts';
import type { Release } from '../../domain/release/release.ts';
import { given } from '../../domain/text/given.ts';
import type { Ports } from '../run/ports.ts';
import { unavailableOf } from '../run/unavailable.ts';

export type Edit = FilesCommit['edits'][number];

/**
 * Commits files; the first is the document, which the thread is shown as if it were new. A state file that cannot be edited
 * keeps none of the others from being committed.
 */
export async function commit(
  ports: Ports,
  { id, plan }: { readonly id: string; readonly plan: Plan },
  key: string,
  message: string,
  edits: readonly Edit[],
): Promise<ReportedDocument> {
  const [document] = edits;
  const path = document?.path ?? '';
  const text = document?.edit(null) ?? '';
  const { branch, commit: since } = plan.candidate;
  const stay = new Map<string, string>();
  const editable = edits.map((one) => ({
    ...one,
    edit: (before: string | null) => {
      stay.delete(one.path);
      try {
        return one.edit(before);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'state-file-unwritable') throw error;
        stay.set(one.path, inOneLine(explain(error)));
        return before;
      }
    },
  }));
  try {
    const made = await ports.repository.commitFiles({ branch, message, since, edits: editable }, key);
    const { written, waitsIn } = made;
    if (written !== undefined) await ports.ledger.rememberCommit(id, { sha: written, version: null });
    const url = ports.repository.links.file(path, made.commit);
    const [leftAlone] = stay.values();
    return { path, text, problem: null, ...given({ url, waitsIn, leftAlone }) };
  } catch (error) {
    if (!(error instanceof Refusal) || unavailableOf(error, true)) throw error;
    return { path, text, problem: `${path} could not be committed. ${inOneLine(explain(error))}` };
  }
}

/** Names for documents. Slack may be away: then the id stands for the name. */
export async function namesOf(ports: Ports, users: readonly (string | null | undefined)[]): Promise<Names> {
  const known = new Map<string, string>();
  for (const user of new Set(users)) {
    if (!user || isPipeline(user)) continue;
    const profile = await ports.people.forDisplay.profile(user).catch(whenRefusedOrAway(null));
    if (profile !== null) known.set(user, profile.name);
  }
  return (user) => known.get(user) ?? user;
}

/** Addresses for documents; what changed is what came after `since`. */
export async function linksOf(
  { repository, slack }: Ports,
  promotionId: string,
  release: Release,
  since: Release | null,
): Promise<ReportLinks> {
  return {
    release: release.url ?? repository.links.tag(release.tag),
    commit: repository.links.commit(release.commit),
    compare: since ? repository.links.compare(since.commit, release.commit) : undefined,
    thread: await slack.addressOf(promotionId),
  };
}

export function reportPath(plan: Plan): string {
  return `${folderOf(plan)}/production-ship-report.md`;
}

export function incidentPath(plan: Plan, release: Release): string {
  return `${folderOf(plan)}/incident-${release.version}.md`;
}

export function statePath(plan: Plan): string {
  return plan.candidate.stateFile?.path ?? `${folderOf(plan)}/state.yaml`;
}

function folderOf(plan: Plan): string {
  return plan.candidate.feature?.dir ?? '.';
}
