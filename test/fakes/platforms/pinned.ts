import { createHash } from 'node:crypto';

/** An image as an admission webhook leaves it that pins digests, such as that of Kyverno: `shop:v1@sha256:…`. */
export function pinned(image: string): string {
  return image.includes('@') ? image : `${image}@sha256:${createHash('sha256').update(image).digest('hex')}`;
}
