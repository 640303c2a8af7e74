import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { given } from '../../../domain/text/given.ts';
import { visible } from '../../../domain/text/visible.ts';
import type { DeploymentRecord, KnownDeployment } from '../port.ts';
import type { GithubClient } from './api/client.ts';
import type { KnownCommits } from './known/commits.ts';

const Deployment = z.object({ id: z.number(), payload: z.unknown() });
const DeploymentList = z.array(Deployment);
const Status = z.object({
  state: z.string(),
  log_url: z.string().nullable().optional(),
  environment_url: z.string().nullable().optional(),
  target_url: z.string().nullable().optional(),
});
const StatusList = z.array(Status);

const STATES = { running: 'in_progress', succeeded: 'success', failed: 'failure' } as const;
/** Recording a deployment takes no longer than this altogether, in ms: nothing waits for it. */
const PATIENCE_MS = 10_000;
/** GitHub takes no longer description. */
const LONGEST = 140;

/** Deployments as GitHub's own page shows them: one per key, whose status moves on. */
export class GithubDeployments {
  readonly #client: GithubClient;
  readonly #environment: string;
  readonly #commits: Pick<KnownCommits, 'wasMadeHere'>;
  /** By key; null while nobody knows whether GitHub has made one. */
  readonly #ids = new Map<string, number | null>();
  /** What this process said of a deployment last, by its id. */
  readonly #said = new Map<number, string>();

  constructor(client: GithubClient, environment: string, commits: Pick<KnownCommits, 'wasMadeHere'>) {
    this.#client = client;
    this.#environment = environment;
    this.#commits = commits;
  }

  async record(record: DeploymentRecord, key: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // Of a commit that this process has made no other can have recorded anything.
    const isNew = !this.#ids.has(key) && this.#commits.wasMadeHere(record.commit);
    const known = isNew ? null : (this.#ids.get(key) ?? (await this.#find(record.commit, key, signal)));
    this.#ids.set(key, known);
    const id = known ?? (await this.#create(record, key, signal));
    this.#ids.set(key, id);
    const state = STATES[record.state];
    const said = known === null ? null : (this.#said.get(id) ?? (await this.#newest(id, signal)));
    if (said === state) return;
    this.#said.delete(id);
    const { url, logUrl } = record;
    const shown = visible(record.description);
    await this.#client.send(
      'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      {
        deployment_id: id,
        state,
        environment: this.#environment,
        description: shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown,
        auto_inactive: true,
        ...given({ environment_url: url, log_url: logUrl }),
      },
      Status,
      { signal },
    );
    this.#said.set(id, state);
  }

  async #newest(id: number, signal: AbortSignal): Promise<string | null> {
    return (await newestStatus(this.#client, id, signal))?.state ?? null;
  }

  async #find(commit: Sha, key: string, signal: AbortSignal): Promise<number | null> {
    const all = await this.#client.get(
      'GET /repos/{owner}/{repo}/deployments',
      { sha: commit, environment: this.#environment, per_page: 100 },
      DeploymentList,
      { signal },
    );
    return all.find(({ payload }) => keyOf(payload) === key)?.id ?? null;
  }

  async #create({ kind, commit, tag }: DeploymentRecord, key: string, signal: AbortSignal): Promise<number> {
    const reply = await this.#client.send(
      'POST /repos/{owner}/{repo}/deployments',
      {
        ref: tag || commit,
        task: kind === 'deploy' ? 'deploy' : 'deploy:rollback',
        environment: this.#environment,
        description: `${kind === 'deploy' ? 'Deployed' : 'Rolled back'} by Slipway`,
        payload: { slipway: key },
        // The gates have decided already, and nothing may be merged by this.
        auto_merge: false,
        required_contexts: [],
        transient_environment: false,
        production_environment: true,
      },
      Deployment,
      { signal },
    );
    if (reply.kind !== 'ok') throw new Error(`status ${reply.status} was not expected`);
    return reply.data.id;
  }
}

/** The newest deployment of exactly this commit to an environment. */
export async function deploymentOf(
  client: GithubClient,
  commit: Sha,
  environment: string,
): Promise<KnownDeployment | null> {
  const [newest] = await client.get(
    'GET /repos/{owner}/{repo}/deployments',
    { sha: commit, environment, per_page: 1 },
    DeploymentList,
  );
  if (newest === undefined) return null;
  const status = await newestStatus(client, newest.id);
  const url = status?.environment_url || status?.log_url || status?.target_url || undefined;
  return { environment, state: status?.state ?? null, ...(url === undefined ? {} : { url }) };
}

async function newestStatus(client: GithubClient, id: number, signal?: AbortSignal) {
  const [newest] = await client.get(
    'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    { deployment_id: id, per_page: 1 },
    StatusList,
    { signal },
  );
  return newest ?? null;
}

/** GitHub gives a payload back as it was given, or as the text of its JSON. */
function keyOf(payload: unknown): string | null {
  const Payload = z.object({ slipway: z.string() });
  let value = payload;
  try {
    if (typeof payload === 'string') value = JSON.parse(payload);
  } catch {
    return null;
  }
  const parsed = Payload.safeParse(value);
  return parsed.success ? parsed.data.slipway : null;
}
