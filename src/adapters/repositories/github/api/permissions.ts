import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { GithubClient } from './client.ts';
import type { Need } from './needs.ts';

/** What was proven is believed for this long, in ms: a look at every gate would ask for all of it again. */
const PROVEN_MS = 10 * 60_000;

const Repository = z.object({ private: z.boolean() });

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
