import { z } from 'zod';
import { isImage } from '../shared/image.ts';
import { parseNote } from '../shared/noted.ts';
import { imagesOf, type Workload } from './workload.ts';

/** Annotations of a workload that an order has changed; its pods have the first one. */
export const ORDER = 'slipway/order';
const RELEASE = 'slipway/release';
const BEFORE = 'slipway/before';

const Release = z.object({ image: z.string(), commit: z.string(), version: z.string() });
export type NotedRelease = z.infer<typeof Release>;
const Images = z.record(z.string(), z.string());

/** The key of the order that has changed it last; undefined when none has. */
export function orderOn({ metadata }: Workload): string | undefined {
  return metadata.annotations?.[ORDER];
}

/** What was noted about the image that it has now; null when something else has set that. */
export function releaseOn({ metadata }: Workload, image: string): NotedRelease | null {
  const noted = parseNote(Release, metadata.annotations?.[RELEASE]);
  return noted && isImage(image, noted.image) ? noted : null;
}

/** The images that it had before the order. */
export function imagesBefore({ metadata }: Workload): ReadonlyMap<string, string> {
  return new Map(Object.entries(parseNote(Images, metadata.annotations?.[BEFORE]) ?? {}));
}

/**
 * A strategic merge patch that gives containers their images. It only applies to what was read. The key in the
 * template makes pods anew also where the image stays, as after a rollout that failed.
 */
export function patchOf(
  workload: Workload,
  images: ReadonlyMap<string, string>,
  note: { readonly key: string; readonly release?: NotedRelease },
): unknown {
  const now = [...imagesOf(workload.spec.template)].filter(([name]) => images.has(name));
  // An order that is tried again goes back to what was there before the first try.
  const isTriedAgain =
    note.release !== undefined &&
    now.every(
      ([name, image]) => isImage(image, images.get(name) ?? '') && releaseOn(workload, image) !== null,
    );
  const before = Object.fromEntries(isTriedAgain ? imagesBefore(workload) : now);
  const list = (names: readonly { readonly name: string }[] = []) =>
    names.filter(({ name }) => images.has(name)).map(({ name }) => ({ name, image: images.get(name) }));
  const { containers, initContainers } = workload.spec.template.spec;
  const inits = list(initContainers ?? []);
  const mains = list(containers);
  return {
    metadata: {
      resourceVersion: workload.metadata.resourceVersion,
      annotations: {
        [ORDER]: note.key,
        [BEFORE]: JSON.stringify(before),
        ...(note.release ? { [RELEASE]: JSON.stringify(note.release) } : {}),
      },
    },
    spec: {
      template: {
        metadata: { annotations: { [ORDER]: note.key } },
        spec: {
          ...(mains.length > 0 ? { containers: mains } : {}),
          ...(inits.length > 0 ? { initContainers: inits } : {}),
        },
      },
    },
  };
}
