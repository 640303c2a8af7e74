import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClient } from './client.ts';

/** What was proven is believed for this long, in ms: a look at every gate would ask for all of it again. */
const PROVEN_MS = 10 * 60_000;
/** Git allows no ref of this name, so that a request which names it can do nothing. */
const NO_REF = 'slipway..probe';

const Repository = z.object({ private: z.boolean() });
const Anything = z.unknown();

/** A permission of GitHub's fine-grained model, with a request that needs it and changes nothing. */
export interface Need {
  /** `contents: write`, as GitHub's pages call it. */
  readonly permission: string;
  /** Throws Refusal `github-permission` where it is lacking. Every other answer means that it is there. */
  probe(client: GithubClient, signal: AbortSignal | undefined): Promise<unknown>;
}

/** An object that nobody needs. */
export const CONTENTS: Need = {
  permission: 'contents: write',
  probe: (client, signal) =>
    client.send('POST /repos/{owner}/{repo}/git/blobs', { content: '', encoding: 'utf-8' }, Anything, {
      again: true,
      signal,
    }),
};

export const PULL_REQUESTS = (base: string): Need => ({
  permission: 'pull_requests: write',
  probe: (client, signal) => {
    const body = { head: NO_REF, base, title: 'probe' };
    return attempt(client, 'POST /repos/{owner}/{repo}/pulls', body, signal);
  },
});

export const DEPLOYMENTS: Need = {
  permission: 'deployments: write',
  probe: (client, signal) => {
    const body = { ref: NO_REF, auto_merge: false, required_contexts: [], description: 'probe' };
    return attempt(client, 'POST /repos/{owner}/{repo}/deployments', body, signal);
  },
};

export const READ_DEPLOYMENTS: Need = {
  permission: 'deployments: read',
  probe: (client, signal) => look(client, 'GET /repos/{owner}/{repo}/deployments', { per_page: 1 }, signal),
};

export const ACTIONS = (workflow: string): Need => ({
  permission: 'actions: write',
  probe: (client, signal) => {
    const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches';
    return attempt(client, route, { workflow_id: workflow, ref: NO_REF }, signal);
  },
});

export const READ_ACTIONS: Need = {
  permission: 'actions: read',
  probe: (client, signal) => look(client, 'GET /repos/{owner}/{repo}/actions/runs', { per_page: 1 }, signal),
};

export const CHECKS = (at: Sha): Need => ({
  permission: 'checks: read',
  probe: (client, signal) => {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
    return look(client, route, { ref: at, per_page: 1 }, signal);
  },
});

export const STATUSES = (at: Sha): Need => ({
  permission: 'statuses: read',
  probe: (client, signal) => {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
    return look(client, route, { ref: at, per_page: 1 }, signal);
  },
});

function look(client: GithubClient, route: string, params: object, signal: AbortSignal | undefined) {
  return client.ask(route, { ...params }, Anything, { signal });
}

/** Refused for what it names, or because there is no such thing: then it was allowed. */
function attempt(client: GithubClient, route: string, body: object, signal: AbortSignal | undefined) {
  const expect = [404, 409, 422];
  return client.send(route, { ...body }, Anything, { expect, again: true, signal });
}

/**
 * What the login may do in the repository: an app is told by GitHub, a classic token by its scopes, and a
 * fine-grained token has to be tried.
 */
export class GithubPermissions {
  readonly #client: GithubClient;
  /** When a permission was last seen, in ms since the epoch. */
  readonly #proven = new Map<string, number>();

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** Refusal `github-permission` for the first that is lacking. What was seen a while ago is not asked for again. */
  async must(needs: readonly Need[], signal?: AbortSignal): Promise<void> {
    const now = this.#client.now();
    const open = needs.filter(({ permission }) => (this.#proven.get(permission) ?? 0) <= now - PROVEN_MS);
    if (open.length === 0) return;
    const [permission] = await this.lacking(open, signal);
    if (permission === undefined) return;
    const { name: repository, login } = this.#client;
    throw new Refusal('github-permission', { repository, login: login.kind, permission });
  }

  /** Those that the login does not have, in their order. Refusals of `GithubClient.installation`. */
  async lacking(needs: readonly Need[], signal?: AbortSignal): Promise<readonly string[]> {
    const lacks = await this.#judge(signal);
    const answers = await Promise.all(needs.map((need) => lacks(need)));
    const now = this.#client.now();
    for (const [index, { permission }] of needs.entries()) {
      if (answers[index] === null) this.#proven.set(permission, now);
    }
    return [...new Set(answers.filter((answer) => answer !== null))];
  }

  /** Answers for one need: null when it is met, else what is lacking, in GitHub's words. */
  async #judge(signal: AbortSignal | undefined): Promise<(need: Need) => Promise<string | null>> {
    const client = this.#client;
    if (client.login.kind === 'app') {
      const { permissions } = await client.installation(signal);
      return async ({ permission }) => (isGranted(permissions, permission) ? null : permission);
    }
    const reply = await client.ask('GET /repos/{owner}/{repo}', {}, Repository, { signal });
    const scopes = reply.kind === 'ok' ? reply.scopes : null;
    if (reply.kind === 'ok' && scopes !== null) {
      const wanted = reply.data.private ? ['repo'] : ['repo', 'public_repo'];
      const has = scopes.split(',').some((scope) => wanted.includes(scope.trim()));
      if (!has) return async () => `the scope ${wanted.at(-1)}`;
    }
    return async (need) => {
      try {
        await need.probe(client, signal);
        return null;
      } catch (error) {
        if (error instanceof Refusal && error.code === 'github-permission') return need.permission;
        throw error;
      }
    };
  }
}

function isGranted(permissions: Readonly<Record<string, string>>, permission: string): boolean {
  const [name = '', level] = permission.split(': ');
  const granted = permissions[name];
  return granted === level || granted === 'write' || granted === 'admin';
}
