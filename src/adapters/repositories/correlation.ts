import { createHash } from 'node:crypto';
import type { Release } from '../../domain/release/release.ts';
import { type TagForm, versionInTag } from '../../domain/release/tag-form.ts';

/** `v1.3.0@89a2997ae488#1f2e3d4c5b` */
const CORRELATION = /\S@([0-9a-f]{12})#[0-9a-f]{10}\b/;

/** By this a workflow run or a pipeline is known to be ours: tag, first digits of the commit, and which order it was. */
export function correlationOf({ tag, version, commit }: Release, key: string): string {
  const order = createHash('sha256').update(key).digest('hex').slice(0, 10);
  return `${tag || version}@${commit.slice(0, 12)}#${order}`;
}

/** The first digits of the commit that a run of ours deployed; null for any other name of a run. */
export function deployedBy(title: string): string | null {
  return CORRELATION.exec(title)?.[1] ?? null;
}

export function isCorrelated(title: string): boolean {
  return deployedBy(title) !== null;
}

/** Whether a run of ours was for a service with tags of this form, or for a commit without a tag, which does not say. */
export function isOrderOf(form: TagForm, title: string): boolean {
  const { name, isCommit } = namedIn(title);
  return isCommit || versionInTag(form, name) !== null;
}

/**
 * Whether a run of ours was for a service with tags of one of these other forms, rather than of its own. Other text may be
 * joined to the tag, so the longest that fits decides; what fits none is nobody else's.
 */
export function isOrderOfOthers(own: TagForm, others: readonly TagForm[], title: string): boolean {
  if (others.length === 0) return false;
  const { name, isCommit } = namedIn(title);
  const longest = fits(own, name);
  return !isCommit && others.some((form) => fits(form, name) > longest);
}

/** What a run of ours says that it deployed: a tag with what is joined to it, or a commit. */
function namedIn(title: string): { readonly name: string; readonly isCommit: boolean } {
  const found = CORRELATION.exec(title);
  const digits = found?.[1] ?? '';
  const before = found === null ? '' : title.slice(0, found.index + 1).slice(-200);
  const name = /[\w.+/@-]+$/.exec(before)?.[0] ?? '';
  return { name, isCommit: name.length >= 7 && digits.startsWith(name) };
}

/** How long a tag of this form the text ends with; 0: none. */
function fits(form: TagForm, text: string): number {
  for (let length = text.length; length > 0; length--) {
    if (versionInTag(form, text.slice(-length)) !== null) return length;
  }
  return 0;
}
