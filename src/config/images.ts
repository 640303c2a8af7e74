import { isImageName } from '../adapters/targets/shared/image.ts';
import { releaseText } from '../adapters/targets/shared/release-name.ts';
import { likelyTag, type TagForm, withinTag } from '../domain/release/tag-form.ts';
import type { Fault } from './problems.ts';

/** How targets write the image of a release; the others say none of it. */
interface ImageTemplates {
  readonly image?: string;
  readonly kustomize?: string;
  readonly value?: string;
  readonly write?: string;
  readonly waves?: readonly { readonly target: object }[];
}

/** What a text has to be, and how such a one looks. */
interface ImageForm {
  readonly fits: (text: string) => boolean;
  readonly looks: string;
}

const IMAGE: ImageForm = {
  fits: isImageName,
  looks: 'a name in small letters and a tag, such as ghcr.io/acme/shop:1.2.3',
};
const TAG: ImageForm = {
  fits: (text) => isImageName(`image:${text}`),
  looks: 'the tag of an image: letters, digits, dots, - and _, such as 1.2.3',
};
/** A key `image` may hold only the tag too. */
const EITHER: ImageForm = { ...IMAGE, fits: (text) => IMAGE.fits(text) || TAG.fits(text) };

/** Images that no registry could have once the tag of a release is filled in, such as `shop:api/v1.2.3`. */
export function impossibleImages(
  target: object,
  tags: TagForm,
  at: Fault['at'] = ['target'],
): readonly Fault[] {
  const { image, write = '', waves = [], ...file } = target as ImageTemplates;
  const tag = likelyTag(tags);
  const release = { tag, version: withinTag(tags, tag) ?? tag, commit: 'a'.repeat(40) };
  const faultOf = (key: string, template: string, { fits, looks }: ImageForm): readonly Fault[] => {
    const name = releaseText(template, release);
    if (fits(name)) return [];
    const message = `a release with the tag ${tag} would be ${name} here, and no registry has such an image`;
    const better = template.replace('{tag}', '{version}');
    const advice = fits(releaseText(better, release))
      ? {
          expected: 'what a registry can have, such as {version}, which is only the version of the tag',
          example: `${key}: "${better}"`,
        }
      : { expected: looks };
    return [{ at: [...at, key], key: false, message, ...advice }];
  };
  const written = formInFile(file);
  return [
    ...(image === undefined ? [] : faultOf('image', image, IMAGE)),
    ...(written === null ? [] : faultOf('write', write, written)),
    ...waves.flatMap((wave, nr) => impossibleImages(wave.target, tags, [...at, 'waves', nr, 'target'])),
  ];
}

/** What a file of another repository has there; null for what may be anything, such as a revision of git. */
function formInFile({ kustomize, value = '' }: ImageTemplates): ImageForm | null {
  if (kustomize !== undefined) return TAG;
  const [last = '', above] = value.split('.').reverse();
  if (last === 'image') return EITHER;
  // `spec.ref.tag` of Flux may be a tag of git.
  return /^(?:new|image)?tag$/i.test(last) && above !== 'ref' ? TAG : null;
}
