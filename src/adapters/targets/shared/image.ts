import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Release } from '../../../domain/release/release.ts';

const IMAGE = /^[\w.:/-]{1,255}:[\w][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/;

/** Refusal `release-not-deployable` for what no registry could have. */
export function mustNameImage({ tag }: Release, image: string): void {
  if (IMAGE.test(image)) return;
  throw new Refusal('release-not-deployable', { tag, reason: `${image} is no name of an image` });
}

/** A digest beside a tag says the same once more. */
export function withoutDigest(image: string): string {
  const at = image.lastIndexOf('@sha256:');
  if (at < 0) return image;
  const name = image.slice(0, at);
  return name.lastIndexOf(':') > name.lastIndexOf('/') ? name : image;
}
