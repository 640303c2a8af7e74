import { isImageName } from '../adapters/targets/shared/image.ts';
import { releaseText } from '../adapters/targets/shared/release-name.ts';
import { likelyTag, type TagForm, withinTag } from '../domain/release/tag-form.ts';
import type { Fault } from './problems.ts';

/** How targets write the image of a release; the others say none of it. */
interface ImageTemplates {
  readonly image?: string;
  readonly kustomize?: string;
  readonly write?: string;
  readonly waves?: readonly { readonly target: object }[];
}

/** Images that no registry could have once the tag of a release is filled in, such as `shop:api/v1.2.3`. */
export function impossibleImages(
  target: object,
  tags: TagForm,
  at: Fault['at'] = ['target'],
): readonly Fault[] {
  const { image, kustomize, write = '', waves = [] } = target as ImageTemplates;
  const tag = likelyTag(tags);
  const release = { tag, version: withinTag(tags, tag) ?? tag, commit: 'a'.repeat(40) };
  const faultOf = (key: string, template: string, before = ''): readonly Fault[] => {
    const name = releaseText(template, release);
    if (isImageName(before + name)) return [];
    return [
      {
        at: [...at, key],
        key: false,
        message: `a release with the tag ${tag} would be ${name} here, and no registry has such an image`,
        expected: 'what a registry can have, such as {version}, which has no slash in it',
        example: `${key}: "${template.replace('{tag}', '{version}')}"`,
      },
    ];
  };
  return [
    ...(image === undefined ? [] : faultOf('image', image)),
    ...(kustomize === undefined ? [] : faultOf('write', write, 'image:')),
    ...waves.flatMap((wave, nr) => impossibleImages(wave.target, tags, [...at, 'waves', nr, 'target'])),
  ];
}
