import { z } from 'zod';
import type { Identity } from '../../commit.ts';
import { SigningSettings } from '../signing/settings.ts';

const DEFAULT_COMMITTER = { name: 'Slipway', email: 'slipway@users.noreply.invalid' };

/** How commits and tags are made by the git program. */
export const writingShape = {
  committer: z
    .strictObject({ name: z.string().min(1), email: z.string().min(3) })
    .optional()
    .meta({
      description: 'Who the release commits and tags are by. Default: Slipway, with a neutral address.',
    }),
  signing: SigningSettings.optional(),
};

export function committerOf({ committer }: { readonly committer?: Identity | undefined }): Identity {
  return committer ?? DEFAULT_COMMITTER;
}
