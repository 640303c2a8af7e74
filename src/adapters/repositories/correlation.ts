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
  const found = CORRELATION.exec(title);
  const digits = found?.[1];
  if (!found || digits === undefined) return false;
  const before = title.slice(0, found.index + 1).slice(-200);
  const name = /[\w.+/@-]+$/.exec(before)?.[0] ?? '';
  return versionInTag(form, name) !== null || (name.length >= 7 && digits.startsWith(name));
}
