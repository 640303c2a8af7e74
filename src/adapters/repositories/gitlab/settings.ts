import { z } from 'zod';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';

/** What it takes to talk to one project on GitLab; shared by the repository and the targets that live there. */
export const gitlabShape = {
  project: z
    .string()
    .regex(
      /^[A-Za-z0-9_](?:[\w.-]*[\w-])?(?:\/[A-Za-z0-9_](?:[\w.-]*[\w-])?){1,20}$/,
      'the path of a project with its groups, such as acme/web/shop',
    )
    .meta({ description: 'The project, with its groups.', examples: ['acme/web/shop'] }),
  token: SecretRef.meta({
    description: 'Access token of the project, of a group, or of a person, with the scope api.',
  }),
  url: TokenUrl.default('https://gitlab.com').meta({
    description: 'Address of a GitLab of your own, with its path where it has one.',
  }),
  ca: z.string().min(1).optional().meta({
    description: 'File with the certificate of the authority that your GitLab is known by (PEM).',
  }),
  timeout: Duration.prefault('2m').meta({
    description:
      'The longest that one fetch or push may take, the first fetch ten times that; one question to the API at most 20 s.',
  }),
};

export const GitlabSettings = z.strictObject(gitlabShape);
export type GitlabSettings = z.infer<typeof GitlabSettings>;

/** Address of the project's web page; its clone address has `.git` behind it. */
export function projectPage({ url, project }: Pick<GitlabSettings, 'url' | 'project'>): string {
  return `${withoutTrailing(url, '/')}/${project}`;
}
