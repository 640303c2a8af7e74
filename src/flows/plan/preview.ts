import type { PromotionData } from '../../domain/promotion/promotion.ts';
import { fileText } from '../../domain/release/file-text.ts';
import { patchOf } from '../../domain/release/patch.ts';
import type { Facts } from './facts.ts';

/** As much of a preview as Details shows, in characters. */
const MOST_SHOWN = 9_000;

/** What the release would be made of, to be read by people. */
export interface ReleasePreview {
  /** The edits of the release commit, in the format of git. */
  readonly patch: string;
  /** Its message, without the trailers that name the promotion. */
  readonly message: string;
  readonly tagMessage: string;
}

/** Null when an existing release is deployed. Throws what `facts.release` throws. */
export async function previewOf(facts: Facts): Promise<ReleasePreview | null> {
  const release = await facts.release();
  if (release.cut === null) return null;
  const { files, message, tagMessage } = release.cut;
  const before = await facts.ports.repository.read(
    await facts.base(),
    files.map(({ path }) => path),
  );
  const edits = files.map(({ path, text }, index) => {
    const bytes = before[index]?.bytes;
    return { path, before: bytes ? fileText(path, bytes) : null, after: text };
  });
  return { patch: patchOf(edits), message, tagMessage };
}

/** The beginning of a long preview, in whole lines. */
export function forDetails({ patch, tagMessage }: ReleasePreview): PromotionData['preview'] & object {
  const isCut = patch.length > MOST_SHOWN;
  return {
    patch: isCut ? patch.slice(0, patch.lastIndexOf('\n', MOST_SHOWN) + 1) : patch,
    tagMessage: tagMessage.slice(0, MOST_SHOWN / 3),
    isCut,
  };
}
