import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Github, startGithub } from '../../../../../demo/github/server.ts';
import { GithubClient } from '../../../../../src/adapters/repositories/github/api/client.ts';
import { askGraphql } from '../../../../../src/adapters/repositories/github/api/graphql.ts';
import { GithubSettings } from '../../../../../src/adapters/repositories/github/settings.ts';
import { SharedInstances } from '../../../../../src/adapters/shared/shared-instances.ts';
import { adapterContext } from '../../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../../fakes/git-remote.ts';

let remote: GitRemote;
let github: Github;

beforeEach(async () => {
  remote = new GitRemote();
  remote.push('main', 'chore: start', { VERSION: '1.0.0' });
  github = await startGithub({ path: remote.path });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

/** Services of one process, each with its repository; `env` says under which names there are tokens. */
function process(env: Readonly<Record<string, string>>, api = github.api) {
  const shared = new SharedInstances();
  return (repository: string, name: string) => {
    const settings = GithubSettings.parse({ repository, api, token: { env: name } });
    return new GithubClient(settings, adapterContext({ env, shared, service: repository }));
  };
}

const read = (client: GithubClient) =>
  client.get('GET /repos/{owner}/{repo}/branches/{branch}', { branch: 'main' }, z.unknown());

describe('the limit of a login', () => {
  test('holds back all of its repositories, whatever its variable is called, and nobody else', async () => {
    const [one, two] = [github.access.token(), github.access.token()];
    const open = process({ ONE: one, SAME: one, TWO: two });
    github.faults.next('GET', '429');
    await expect(read(open('acme/shop', 'ONE'))).rejects.toMatchObject({ outage: { retryAfterMs: 1_000 } });
    const before = github.requests.length;
    for (const other of [open('acme/web', 'ONE'), open('acme/web', 'SAME')]) {
      await expect(read(other)).rejects.toMatchObject({ outage: { what: 'GitHub' } });
    }
    expect(github.requests.length).toBe(before);
    await read(open('acme/shop', 'TWO'));
    expect(github.requests.length).toBe(before + 1);
  });

  test('of GraphQL is waited for until it is over, by all of them, and by nothing else', async () => {
    const open = process({ ONE: github.access.token() });
    const ask = (client: GithubClient) => askGraphql(client, 'query { viewer { login } }', {}, z.unknown());
    github.state.graphqlLimitedUntil = Date.now() + 90_000;
    const left = async (client: GithubClient) => {
      const error = await ask(client).catch((reason: unknown) => reason);
      return (error as { outage?: { retryAfterMs?: number } }).outage?.retryAfterMs ?? 0;
    };
    expect(await left(open('acme/shop', 'ONE'))).toBeGreaterThan(80_000);
    const before = github.requests.length;
    expect(await left(open('acme/web', 'ONE'))).toBeGreaterThan(80_000);
    expect(github.requests.length).toBe(before);
    await read(open('acme/shop', 'ONE'));
  });

  test('is eight requests at a time for all of its repositories together', async () => {
    let [open, most] = [0, 0];
    const server = createServer((_request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.setHeader('content-type', 'application/json').end('{}');
      }, 30);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = process({ ONE: 'secret' }, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const clients = ['acme/shop', 'acme/web', 'acme/api'].map((repository) => client(repository, 'ONE'));
    await Promise.all(
      clients.flatMap((one) =>
        Array.from({ length: 6 }, (_none, index) =>
          one.get('GET /repos/{owner}/{repo}/branches/{branch}', { branch: `b${index}` }, z.unknown()),
        ),
      ),
    );
    server.close();
    expect(most).toBe(8);
  });
});
