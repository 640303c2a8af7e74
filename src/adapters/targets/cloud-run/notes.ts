import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseNote } from '../shared/noted.ts';
import type { Container, Revision, RunService, Share } from './shapes.ts';

/** Annotations of a service that an order has changed. A revision that was made for a release has the second one. */
const ORDER = 'slipway/order';
const RELEASE = 'slipway/release';

const LONGEST_NAME = 63;

const Order = z.object({
  key: z.string(),
  revision: z.string(),
  before: z.array(z.object({ revision: z.string(), percent: z.number() })),
});
/** What was asked for last: the revision that got requests, and who had them before. */
type NotedOrder = z.infer<typeof Order>;

const Release = z.object({ revision: z.string(), commit: z.string(), version: z.string() });
type NotedRelease = z.infer<typeof Release>;

type Annotated = Pick<Revision, 'annotations'>;

export function orderOn({ annotations }: Annotated): NotedOrder | null {
  return parseNote(Order, annotations?.[ORDER]);
}

/**
 * The release that a revision was made for; null when somebody else has made it. Revisions inherit the annotations of those
 * before, so the note names the one that it is about.
 */
export function releaseOn({ annotations }: Annotated, revision: string): NotedRelease | null {
  const noted = parseNote(Release, annotations?.[RELEASE]);
  return noted?.revision === revision ? noted : null;
}

/** The same for each key, so that the same order can make it once only: `shop-1-3-0-1f09ab`. */
export function revisionName(service: string, version: string, key: string): string {
  const end = createHash('sha256').update(`${service} ${version} ${key}`).digest('hex').slice(0, 6);
  const slug = version
    .slice(0, LONGEST_NAME)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const middle = slug.slice(0, LONGEST_NAME - service.length - end.length - 2).replaceAll(/^-|-$/g, '');
  return [service, middle, end].filter((part) => part !== '').join('-');
}

export function withOrder(
  { annotations }: Pick<RunService, 'annotations'>,
  note: NotedOrder,
): Readonly<Record<string, string>> {
  return { ...annotations, [ORDER]: JSON.stringify(note) };
}

/** A template for a revision with that image, and nothing else changed. */
export function templateFor(
  { template }: Pick<RunService, 'template'>,
  chosen: readonly Container[],
  { image, ...release }: NotedRelease & { readonly image: string },
): RunService['template'] {
  return {
    ...template,
    revision: release.revision,
    annotations: { ...template.annotations, [RELEASE]: JSON.stringify(release) },
    containers: template.containers.map((one) => (chosen.includes(one) ? { ...one, image } : one)),
  };
}

export function sharesInWords(shares: readonly Share[]): string {
  if (shares.length === 1) return shares[0]?.revision ?? '';
  return shares.map(({ revision, percent }) => `${revision} (${percent} %)`).join(', ');
}
