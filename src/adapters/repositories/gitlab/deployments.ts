import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import type { DeploymentRecord, KnownDeployment } from '../port.ts';
import { type GitlabClient, GitlabTime } from './client.ts';

/** @see https://docs.gitlab.com/api/deployments/ */
export const GitlabDeployment = z.object({
  id: z.int(),
  sha: z.string(),
  ref: z.string().nullish(),
  /** created, running, success, failed, canceled, blocked, skipped */
  status: z.string(),
  created_at: GitlabTime,
  environment: z.object({ external_url: z.string().nullish() }).nullish(),
  /** The job that deployed; null for what others only tell. */
  deployable: z
    .object({
      id: z.int(),
      name: z.string(),
      web_url: z.string().nullish(),
      pipeline: z.object({ id: z.int(), sha: z.string(), web_url: z.string().nullish() }).nullish(),
    })
    .nullish(),
});
export type GitlabDeployment = z.infer<typeof GitlabDeployment>;

const LONG_AGO = '2000-01-01T00:00:00Z';

/** Newest first: those of the status `success` by their end, all others as they were made. */
export function deploymentsTo(
  client: GitlabClient,
  environment: string,
  { status, signal, most = 100 }: { status?: string; signal?: AbortSignal | undefined; most?: number } = {},
): AsyncIterable<readonly GitlabDeployment[]> {
  // GitLab sorts by the end only with that status and a time.
  const order =
    status === 'success' ? { order_by: 'finished_at', finished_after: LONG_AGO } : { order_by: 'id' };
  return client.pages({
    path: '/deployments',
    query: { environment, status, ...order, sort: 'desc', per_page: String(most) },
    reply: z.array(GitlabDeployment),
    doing: `list deployments to ${environment}`,
    signal,
  });
}

/** So many pages are looked through for a commit. */
const MOST_PAGES = 5;

/** The newest deployment of exactly this commit to an environment. */
export async function deploymentOf(
  client: GitlabClient,
  commit: Sha,
  environment: string,
): Promise<KnownDeployment | null> {
  let pages = 0;
  for await (const page of deploymentsTo(client, environment)) {
    const found = page.find(({ sha }) => sha === commit);
    if (found !== undefined) {
      const url = found.environment?.external_url || found.deployable?.web_url || undefined;
      return { environment, state: found.status, ...(url === undefined ? {} : { url }) };
    }
    if (++pages === MOST_PAGES) break;
  }
  return null;
}

const STATES = { running: 'running', succeeded: 'success', failed: 'failed' } as const;
/** Recording a deployment takes no longer than this altogether, in ms: nothing waits for it. */
const PATIENCE_MS = 10_000;
const LOOKED_AT = 20;

interface Known {
  readonly id: number;
  readonly status: string;
}

/** Deployments as GitLab's page of the environment shows them. */
export class GitlabDeployments {
  readonly #client: GitlabClient;
  readonly #environment: string;
  readonly #branch: string;
  /** What this process said last, by key. */
  readonly #said = new Map<string, Known>();

  constructor(client: GitlabClient, environment: string, branch: string) {
    this.#client = client;
    this.#environment = environment;
    this.#branch = branch;
  }

  /** One that has come to an end stays as it is: what is tried again is another one. */
  async record({ commit, tag, state }: DeploymentRecord, key: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const status = STATES[state];
    const known = this.#said.get(key) ?? (await this.#find(commit, status, signal));
    if (known?.status === status) return;
    const isOpen = known?.status === 'running' || known?.status === 'created';
    const about = { reply: GitlabDeployment, doing: 'record a deployment', signal };
    const { id } =
      known && isOpen
        ? await this.#client.get({
            ...about,
            method: 'PUT',
            path: `/deployments/${known.id}`,
            body: { status },
          })
        : await this.#client.get({
            ...about,
            method: 'POST',
            path: '/deployments',
            body: {
              environment: this.#environment,
              sha: commit,
              ref: tag || this.#branch,
              tag: tag !== '',
              status,
            },
          });
    this.#said.set(key, { id, status });
  }

  /** The newest that was told of this commit and not deployed by a job: open, or as it is to be. */
  async #find(commit: Sha, status: string, signal: AbortSignal): Promise<Known | null> {
    for await (const page of deploymentsTo(this.#client, this.#environment, { signal, most: LOOKED_AT })) {
      const newest = page.find(({ sha, deployable }) => sha === commit && !deployable);
      // What had come to an end before is another deployment of the same commit.
      return newest && (newest.status === 'running' || status !== 'running') ? newest : null;
    }
    return null;
  }
}
