import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

let remote: GitRemote;
let github: Github;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

/** Which page the repository shows first after this one was written too. */
async function published(tag: string, withheld = false): Promise<string | undefined> {
  const commit = remote.push('main', `feat: ${tag}`, { VERSION: tag });
  remote.git('tag', tag, commit);
  const { settings, context } = signedIn(github, github.access.token());
  const repository = openGithubRepository(settings, context);
  const release = { tag, version: tag.replace(/^.*v/, ''), commit };
  await repository.publishRelease?.(release, { title: tag, body: 'Notes', withheld });
  return github.state.releases.find(({ latest }) => latest)?.tag;
}

test('a release of an older line does not take the place of the latest', async () => {
  expect(await published('v1.9.0')).toBe('v1.9.0');
  expect(await published('v1.10.0')).toBe('v1.10.0');
  expect(await published('v1.9.1')).toBe('v1.10.0');
  expect(await published('v1.11.0')).toBe('v1.11.0');
});

test('in a repository of several services the last release of any that is its newest is shown', async () => {
  await published('web-v2.0.0');
  expect(await published('api-v1.0.0')).toBe('api-v1.0.0');
  expect(await published('web-v1.9.1')).toBe('api-v1.0.0');
  expect(await published('web-v2.0.1')).toBe('web-v2.0.1');
});

test('what is withheld, what has no page and what is no final version comes before nothing', async () => {
  await published('v2.0.0', true);
  await published('v3.0.0-rc.1');
  remote.git('tag', 'v4.0.0', 'main');
  remote.git('tag', 'v-next', 'main');
  expect(await published('v1.0.0')).toBe('v1.0.0');
});
