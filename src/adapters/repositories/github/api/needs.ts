import { z } from 'zod';
import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClient } from './client.ts';

/** Git allows no ref of this name, so that a request which names it can do nothing. */
const NO_REF = 'slipway..probe';
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
