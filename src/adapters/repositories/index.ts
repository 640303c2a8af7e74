import { catalogueOf, type SettingsIn } from '../shared/kinds.ts';

/** Kinds of a service's `repository`. */
export const repositories = catalogueOf({
  git: async () => (await import('./git/repository-port.ts')).gitRepository,
  github: async () => (await import('./github/repository-port.ts')).githubRepository,
  gitlab: async () => (await import('./gitlab/repository-port.ts')).gitlabRepository,
});
export type RepositorySettings = SettingsIn<typeof repositories>;
