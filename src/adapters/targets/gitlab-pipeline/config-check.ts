import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { type TagForm, versionInTag } from '../../../domain/release/tag-form.ts';
import { variablesBlockedBy } from '../../repositories/gitlab/access.ts';
import type { GitlabClient } from '../../repositories/gitlab/client.ts';

/** @see https://docs.gitlab.com/api/lint/ */
const Lint = z.object({
  valid: z.boolean(),
  errors: z.array(z.string()).nullish(),
  jobs: z
    .array(
      z.object({
        name: z.string(),
        environment: z.union([z.string(), z.object({ name: z.string().nullish() })]).nullish(),
        when: z.string().nullish(),
      }),
    )
    .nullish(),
});

const UNSEEN = ['platform-forbidden', 'platform-not-found', 'platform-refused'] as const;

const MOST_PAGES = 5;

/** The name of the tag of this form that was made last; null when there is none. */
export async function newestTag(
  client: GitlabClient,
  form: TagForm,
  signal?: AbortSignal,
): Promise<string | null> {
  const { tagPrefix: prefix } = form;
  const pages = client.pages({
    path: '/repository/tags',
    query: { order_by: 'updated', sort: 'desc', ...(prefix === '' ? {} : { search: `^${prefix}` }) },
    reply: z.array(z.object({ name: z.string() })),
    doing: 'list tags',
    signal,
  });
  let read = 0;
  for await (const page of pages) {
    const newest = page.find(({ name }) => versionInTag(form, name) !== null);
    if (newest !== undefined) return newest.name;
    if (++read === MOST_PAGES) break;
  }
  return null;
}

/** Every order has a variable of its own. Refusal `target-misconfigured`. */
export async function mustTakeVariables(
  client: GitlabClient,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const why = await variablesBlockedBy(client, signal);
  if (why === null) return;
  const setting = '“Minimum role to use pipeline variables” (Settings, CI/CD, Variables)';
  const reason = `a pipeline needs variables, and ${setting} of ${client.name} ${why}`;
  throw new Refusal('target-misconfigured', { target, reason });
}

/**
 * What GitLab would do with a push to this ref, by its own dry run with the configuration as the branch has it now: the pipeline can be made, and has no job that deploys
 * to the environment by itself. Refusals `target-misconfigured` and `target-starts-by-itself`; nothing is said where the
 * token may not ask.
 */
export async function mustNotDeployByPush(
  client: GitlabClient,
  about: {
    readonly target: string;
    readonly environment: string;
    readonly branch: string;
    readonly ref: string;
    readonly order: string;
  },
  signal?: AbortSignal,
): Promise<void> {
  const { target, environment, branch, ref, order } = about;
  const asked = client.get({
    path: '/ci/lint',
    query: { content_ref: branch, dry_run: 'true', dry_run_ref: ref, include_jobs: 'true' },
    reply: Lint,
    doing: 'try its pipeline without running it',
    signal,
  });
  const found = await client.unless(UNSEEN, asked);
  if (found === null) return;
  const [error = ''] = found.errors ?? [];
  // A pipeline without jobs is not made: a push then starts nothing.
  if (!found.valid && /empty|no stages|filtered out|will not run/i.test(error)) return;
  if (!found.valid) {
    const reason = `the pipeline of ${ref} is not valid: ${error.slice(0, 200)}`;
    throw new Refusal('target-misconfigured', { target, reason });
  }
  const job = found.jobs?.find(({ environment: to, when }) => {
    const name = typeof to === 'string' ? to : to?.name;
    return name === environment && when !== 'manual' && when !== 'never';
  });
  if (job === undefined) return;
  const reason = `a push to ${ref} runs ${job.name}, which deploys to ${environment}`;
  throw new Refusal('target-starts-by-itself', { target, reason, order });
}
