import { expect, test } from 'vitest';
import { repositoryOf } from '../../src/cli/init/repository.ts';

test.each([
  ['git@gitlab.com:acme/shop.git', 'acme/shop'],
  ['https://gitlab.com/acme/web/team.one/shop', 'acme/web/team.one/shop'],
  ['ssh://git@gitlab.com:22/acme/web/shop.git/', 'acme/web/shop'],
])('%s is a project on GitLab', (address, project) => {
  expect(repositoryOf(address)).toEqual({
    host: 'gitlab',
    settings: { use: 'gitlab', project, token: { env: 'GITLAB_TOKEN' } },
    variables: ['GITLAB_TOKEN'],
  });
});

test.each([
  ['git@gitlab.acme.dev:acme/shop.git', 'https://gitlab.acme.dev'],
  ['ssh://git@gitlab.acme.dev:2222/acme/shop.git', 'https://gitlab.acme.dev'],
  ['https://gitlab.acme.dev:8443/acme/shop', 'https://gitlab.acme.dev:8443'],
])('%s is a project on a GitLab of their own', (address, url) => {
  expect(repositoryOf(address)).toMatchObject({
    host: 'gitlab',
    settings: { use: 'gitlab', url, project: 'acme/shop' },
  });
});

test.each([
  ['git@gitlab.com:acme'],
  ['https://example.com/gitlab.com/a/b'],
  ['git@mygitlab.dev:acme/shop.git'],
])('%s is a git remote like any other', (address) => {
  expect(repositoryOf(address)?.settings).toMatchObject({ use: 'git', url: address });
});
