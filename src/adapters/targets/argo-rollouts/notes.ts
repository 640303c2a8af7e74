import { z } from 'zod';
import type { PatchOperation } from './api.ts';
import { type ArgoRollout, imagesOf } from './rollout.ts';

/** What Slipway notes on a Rollout; not on its pods, whose template decides whether going back takes steps. */
const NOTE = 'slipway/order';

const RolloutNote = z.object({
  /** Of the order that changed it last. */
  key: z.string(),
  /** What it was to run since then, and the release that this is. */
  image: z.string(),
  commit: z.string(),
  version: z.string(),
  /** The images before. */
  before: z.record(z.string(), z.string()),
  /** The step at which it waited when the order came; null: the order changed the image. */
  step: z.int().nullable(),
});
export type RolloutNote = z.infer<typeof RolloutNote>;

/** Null where there is none, or nobody can read it. */
export function noteOn({ metadata }: ArgoRollout): RolloutNote | null {
  try {
    return RolloutNote.safeParse(JSON.parse(metadata.annotations?.[NOTE] ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

export function writtenNote({ metadata }: ArgoRollout, note: RolloutNote): readonly PatchOperation[] {
  const none = metadata.annotations == null;
  const value = JSON.stringify(note);
  return [
    ...(none ? [{ op: 'add', path: '/metadata/annotations', value: {} } as const] : []),
    { op: 'add', path: `/metadata/annotations/${NOTE.replace('/', '~1')}`, value },
  ];
}

/** Gives containers these images. */
export function writtenImages(
  { spec }: ArgoRollout,
  images: ReadonlyMap<string, string>,
): readonly PatchOperation[] {
  const now = imagesOf(spec.template);
  return (['containers', 'initContainers'] as const).flatMap((list) =>
    (spec.template?.spec[list] ?? []).flatMap(({ name }, index): readonly PatchOperation[] => {
      const value = images.get(name);
      const at = `/spec/template/spec/${list}/${index}/image`;
      return value === undefined || value === now.get(name) ? [] : [{ op: 'add', path: at, value }];
    }),
  );
}
