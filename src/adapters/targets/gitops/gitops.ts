import { z } from 'zod';
import { groupCount } from '../../../domain/text/bounded-pattern.ts';
import { GitRepositorySettings } from '../../repositories/git/repository-port.ts';
import { GithubRepositorySettings, githubRequestHost } from '../../repositories/github/repository-port.ts';
import { GitlabRepositorySettings, gitlabRequestHost } from '../../repositories/gitlab/repository-port.ts';
import type { RepositorySettings } from '../../repositories/index.ts';
import type { RequestHost } from '../../repositories/requests/host.ts';
import { Duration } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { ReleaseNames, ReleaseTemplate } from '../shared/release-name.ts';
import { ArgoAgent, ArgoSettings } from './argo-agent.ts';
import { FluxAgent, FluxSettings } from './flux-agent.ts';
import { GitopsTarget } from './gitops-target.ts';
import type { ValuePlace } from './place.ts';
import { Proposals } from './proposals.ts';

export const GitopsSettings = z
  .strictObject({
    use: z.literal('gitops'),
    repository: z
      .discriminatedUnion('use', [GitRepositorySettings, GithubRepositorySettings, GitlabRepositorySettings])
      .meta({ description: 'The repository that is written to, as the `repository` of a service.' }),
    file: z
      .string()
      .regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0\\]+$/, 'a path inside of the repository')
      .meta({ description: 'The file that names what is deployed.' }),
    kustomize: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'Name of an entry of `images` of a Kustomization: its newTag is set.',
        examples: ['ghcr.io/acme/shop'],
      }),
    value: z
      .string()
      .regex(/^[^.]+(?:\.[^.]+)*$/, 'keys with dots between them, such as image.tag')
      .optional()
      .meta({ description: 'A value of a YAML or JSON file, such as Helm values: image.tag.' }),
    pattern: z
      .string()
      .refine(
        (pattern) => groupCount(pattern, 'mu') === 1,
        'a regular expression with one group, of at most 2,000 characters',
      )
      .optional()
      .meta({ description: 'Of any other file: a pattern that matches once, whose first group is set.' }),
    write: ReleaseTemplate.default('{tag}').meta({
      description: 'What is written there, with one of {tag}, {version}, {commit} and {short} (7 digits).',
    }),
    promotes: z.boolean().default(false).meta({
      description:
        'Whether {commit} is what was built and validated for staging, instead of the release commit.',
    }),
    'pull-request': z.boolean().default(false).meta({
      description: 'On GitHub and GitLab: opens a pull or merge request, and waits until somebody merges it.',
    }),
    argo: ArgoSettings.optional(),
    flux: FluxSettings.optional(),
    url: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    deadline: Duration.prefault('15m').meta({ description: 'A deployment that takes longer has failed.' }),
  })
  .refine(
    ({ kustomize, value, pattern }) =>
      [kustomize, value, pattern].filter((one) => one !== undefined).length === 1,
    { error: 'exactly one of kustomize, value and pattern' },
  )
  .refine(({ argo, flux }) => !(argo && flux), { error: 'argo or flux, not both' })
  .refine((settings) => !settings['pull-request'] || settings.repository.use !== 'git', {
    path: ['pull-request'],
    error: 'a repository of `use: github` or `use: gitlab`; others are written to directly',
  })
  .meta({
    description:
      'Writes the release into another repository, from which Argo CD, Flux or something else deploys.',
  });
export type GitopsSettings = z.infer<typeof GitopsSettings>;

export const gitopsTarget = defineKind({ settings: GitopsSettings, open: openGitops });

export function openGitops(settings: GitopsSettings, context: TargetContext): Target {
  const { repository, file, write, promotes, argo, flux, url, deadline } = settings;
  const source = context.openRepository(context.repository);
  const written = context.openRepository(repository);
  written.willWrite?.({ path: file });
  const host = settings['pull-request'] ? hostOf(repository, context) : null;
  const { branch } = repository;
  const place = placeOf(settings);
  const at = { file, place };
  const target = new GitopsTarget(
    { service: context.service, branch, file, place, url, deadline },
    {
      repository: written,
      names: new ReleaseNames(write, context, source),
      agent: argo ? new ArgoAgent(argo, at, context) : flux ? new FluxAgent(flux, at, context) : null,
      proposals: host && new Proposals(host, context.wave),
      now: context.now,
    },
  );
  return Object.assign(target, {
    ...(promotes ? { promotes } : {}),
    ...(host ? { cancel: target.stop.bind(target) } : {}),
  });
}

function hostOf(repository: RepositorySettings, context: TargetContext): RequestHost | null {
  switch (repository.use) {
    case 'github':
      return githubRequestHost(repository, context);
    case 'gitlab':
      return gitlabRequestHost(repository, context);
    default:
      return null;
  }
}

function placeOf({ kustomize, value, pattern = '' }: GitopsSettings): ValuePlace {
  if (kustomize !== undefined) return { kind: 'kustomize', image: kustomize };
  return value === undefined ? { kind: 'pattern', pattern } : { kind: 'value', path: value.split('.') };
}
