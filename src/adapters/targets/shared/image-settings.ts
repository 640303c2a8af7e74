import { z } from 'zod';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { ReleaseNames, ReleaseTemplate } from './release-name.ts';

/** Settings of targets that run an image; `example`: one as the platform has them. */
export function imageSettings(example: string) {
  return {
    image: ReleaseTemplate.meta({
      description: 'The image of a release, with one of {tag}, {version}, {commit} and {short} (7 digits).',
      examples: [example],
    }),
    promotes: z.boolean().default(false).meta({
      description:
        'Whether {commit} is what was built and validated for staging, instead of the release commit.',
    }),
  };
}

/** Releases as images of this form, by the repository of the service. */
export function imageNames(template: string, context: TargetContext): ReleaseNames {
  return new ReleaseNames(template, context, context.openRepository(context.repository));
}

/** The target, as one that promotes what was built before where the settings say so. */
export function promoting(target: Target, { promotes }: { readonly promotes: boolean }): Target {
  return promotes ? Object.assign(target, { promotes }) : target;
}
