import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Release } from '../../../domain/release/release.ts';

/** A registry with a dot or a port, a path in small letters, a tag and perhaps a digest. */
const IMAGE = new RegExp(
  [
    /^(?:[A-Za-z0-9-]+(?:(?:\.[A-Za-z0-9-]+)+(?::\d+)?|:\d+)\/)?/,
    /[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*/,
    /:\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/,
  ]
    .map(({ source }) => source)
    .join(''),
);
const LONGEST_NAME = 255;

/** Whether a registry could have it: a name, a tag and perhaps a digest. */
export function isImageName(text: string): boolean {
  return IMAGE.test(text) && partsOf(text).name.length <= LONGEST_NAME;
}

/** Refusal `release-not-deployable` for what is live and no release, and for what no registry could have. */
export function mustNameImage({ tag, version }: Release, image: string): void {
  if (tag === '') {
    const reason =
      'it is no release of the repository, so nothing could return to it. Deploy a tagged release by hand once, with the image that the settings of the target say';
    throw new Refusal('release-not-deployable', { tag: version, reason });
  }
  if (isImageName(image)) return;
  throw new Refusal('release-not-deployable', { tag, reason: `${image} is no name of an image` });
}

/** What stands where nothing was ever deployed: images that only hold a place. */
const PLACEHOLDER =
  /(?:^|\/)(?:pause|placeholder|hello-world|amazon-ecs-sample|cloudrun\/(?:container\/)?hello)$/;

const DIGEST_SHOWN = 12;

export function isPlaceholder(image: string): boolean {
  return PLACEHOLDER.test(partsOf(image).name);
}

/** An image as people read it where it is no release of ours: `shop:hotfix`, or `shop@0123456789ab` where it has no tag. */
export function imageInWords(image: string): string {
  const { name, tag, digest } = partsOf(image);
  const last = name.slice(name.lastIndexOf('/') + 1);
  if (tag !== '') return `${last}:${tag}`;
  return digest === '' ? last : `${last}@${digest.slice(0, DIGEST_SHOWN)}`;
}

function partsOf(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const text = image.slice(0, 1_000);
  const [before = '', digest = ''] = text.split('@sha256:');
  const colon = before.lastIndexOf(':');
  const hasTag = colon > before.lastIndexOf('/');
  return {
    name: hasTag ? before.slice(0, colon) : before,
    tag: hasTag ? before.slice(colon + 1) : '',
    digest,
  };
}

/** A digest beside a tag says the same once more. */
export function withoutDigest(image: string): string {
  const at = image.lastIndexOf('@sha256:');
  if (at < 0) return image;
  const name = image.slice(0, at);
  return name.lastIndexOf(':') > name.lastIndexOf('/') ? name : image;
}

/** Whether an image is the one that was ordered. Policies of a cluster add a digest; one that the order names has to be there. */
export function isImage(found: string, ordered: string): boolean {
  return found === ordered || withoutDigest(found) === ordered;
}
