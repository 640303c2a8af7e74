import { expect, test } from 'vitest';
import { repositoryOf } from '../../src/cli/init/repository.ts';

test.each([
  ['git@gitlab.com:acme/shop.git', 'acme/shop'],
  ['https://gitlab.com/acme/web/team.one/shop', 'acme/web/team.one/shop'],
  ['ssh://git@gitlab.com:22/acme/web/shop.git/', 'acme/web/shop'],
])('%s is a project on GitLab', (address, project) => {
  expect(repositoryOf(address)).toEqual({
    isGithub: false,
    settings: { use: 'gitlab', project, token: { env: 'GITLAB_TOKEN' } },
    variables: ['GITLAB_TOKEN'],
  });
});

test.each([
  ['git@gitlab.com:acme'],
  ['git@gitlab.acme.dev:acme/shop.git'],
  ['https://example.com/gitlab.com/a/b'],
])('%s is a git remote like any other', (address) => {
  expect(repositoryOf(address)?.settings).toMatchObject({ use: 'git', url: address });
});
