import { z } from 'zod';
import { imagesOf } from '../kubernetes/workload.ts';
import { isImage } from '../shared/image.ts';
import { parseNote } from '../shared/noted.ts';
import type { PatchOperation } from './api.ts';
import { type ArgoRollout, imagesNamed, stateOf } from './rollout.ts';

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
  /** The step at which it waited when the order came; null: the order changed the image, or nothing. */
  step: z.int().nullable(),
  /** It was aborted, and that was told: whoever orders it once more means it. */
  told: z.boolean().default(false),
  /** The order took it up again after it was aborted, from its first step on. */
  again: z.boolean().default(false),
  /** It had made no progress in time with this image before the order came, which changes nothing of that. */
  late: z.boolean().default(false),
  /**
   * So many of its steps were passed: pauses among them were ended by somebody, and are not waited at once more. Absent from
   * notes of earlier versions: those before the share that the order is to get.
   */
  passed: z.int().optional(),
});
export type RolloutNote = z.infer<typeof RolloutNote>;

/** Null where there is none, or nobody can read it. */
export function noteOn({ metadata }: ArgoRollout): RolloutNote | null {
  return parseNote(RolloutNote, metadata.annotations?.[NOTE]);
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

/** What an order changes: the images where it has others, and its note. */
export function orderedBy(
  found: ArgoRollout,
  containers: readonly string[],
  order: Pick<RolloutNote, 'key' | 'image' | 'commit' | 'version'>,
): readonly PatchOperation[] {
  const last = noteOn(found);
  const now = imagesNamed(imagesOf(found.spec.template), containers);
  const had = [...now.values()].every((one) => isImage(one, order.image));
  const before = had && last?.image === order.image ? last.before : Object.fromEntries(now);
  const state = stateOf(found);
  // What was aborted since the last order is told first; whoever orders it then takes it up again.
  const again = had && state.kind === 'aborted' && last?.told === true;
  const step = again ? 0 : had && state.kind === 'paused' && state.lasts === null ? state.step : null;
  const passed = had && last?.image === order.image ? last.passed : 0;
  const late = had && state.kind === 'degraded' && state.reason.startsWith('ProgressDeadlineExceeded');
  const note = writtenNote(found, { ...order, before, step, told: false, again, late, passed });
  if (had) return note;
  // Exactly what the stable pods run, digest and all: going back to that takes no steps.
  const images = containers.map((name) => {
    const was = last?.before[name];
    return [name, was !== undefined && isImage(was, order.image) ? was : order.image] as const;
  });
  return [...writtenImages(found, new Map(images)), ...note];
}
