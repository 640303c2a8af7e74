import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import type { Identity } from '../commit.ts';
import type { ComingRelease } from '../port.ts';
import { ruleFact } from '../push-rule.ts';
import { releaseBranch } from '../requests/release-request.ts';
import type { GitlabClient } from './client.ts';
import { type PushRules, pushRuleAgainst, pushRulesOf } from './push-rules.ts';
import { type GitlabAccount, nameRulesOf, protectionOf } from './rules.ts';

const Access = z.object({ access_level: z.int() }).nullish();

/** @see https://docs.gitlab.com/api/projects/#get-a-single-project */
const Project = z.object({
  path_with_namespace: z.string(),
  web_url: z.string().nullish(),
  archived: z.boolean().nullish(),
  default_branch: z.string().nullish(),
  /** merge, rebase_merge, ff */
  merge_method: z.string().nullish(),
  permissions: z.object({ project_access: Access, group_access: Access }).nullish(),
  /** Whether the role counts; newer ones always say so. */
  restrict_user_defined_variables: z.boolean().nullish(),
  /** no_one_allowed, developer, maintainer, owner */
  ci_pipeline_variables_minimum_override_role: z.string().nullish(),
});

/** @see https://docs.gitlab.com/api/project_members/ */
const Member = z.object({ access_level: z.int() });

/** @see https://docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token */
const Token = z.object({
  scopes: z.array(z.string()),
  user_id: z.int().nullish(),
  /** A day: 2026-12-31. */
  expires_at: z.string().nullish(),
});
type Token = z.infer<typeof Token>;

const DEVELOPER = 30;
const MAINTAINER = 40;
const DAY_MS = 24 * 60 * 60_000;
/** So long before its end a token is spoken of. */
const NOTICE_MS = 14 * DAY_MS;

/** What the configuration wants to do in the project. */
export interface GitlabWishes {
  readonly protected: 'merge-request' | 'refuse';
  readonly committer: Identity;
  readonly signs: boolean;
}

/**
 * Proves what a release takes, and says what the rules of the branch want. Refusals `not-writable`, `tag-refused`,
 * `repository-redirects`, and those of the client.
 */
export async function mustBeWritable(
  client: GitlabClient,
  branch: string,
  { protected: how, committer, signs }: GitlabWishes,
  coming: ComingRelease | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly blocks: string | null; readonly known: readonly string[] }> {
  const [project, token, { blocks }] = await Promise.all([
    projectOf(client, signal),
    tokenOf(client, signal),
    protectionOf(client, branch, signal),
  ]);
  const refused = (reason: string) =>
    new Refusal('not-writable', { remote: client.web, branch, reason, ...ruleFact(reason) });
  if (project.archived) throw refused('the project is archived');
  const role = await roleOf(client, project.permissions, token, signal);
  if (role < DEVELOPER) throw roleLacks(client, branch);
  if (blocks !== null && how === 'refuse') throw refused(blocks);
  const account = { role, id: token?.user_id ?? null };
  const head = blocks !== null && coming ? releaseBranch(coming) : null;
  if (head !== null && (await nameRulesOf(client, 'branch', head, account, signal)).isRefused)
    throw refused(`the release would go through ${head}, which is protected, and it may not push to it`);
  const rules = await pushRulesOf(client, signal);
  const pushed = blocks === null && branch !== project.default_branch ? branch : head;
  const isMerged = head !== null && project.merge_method !== 'ff';
  const push = { committer, signs, message: coming?.message, branch: pushed, isMerged };
  const never = rules && (await pushRuleAgainst(client, rules, push, signal));
  if (never !== null) throw refused(never);
  const stays = coming && (await tagStays(client, coming, account, rules, signal));
  const through = `${branch} is protected (${blocks}): the release goes through a merge request.`;
  const known = [...(blocks === null ? [] : [through]), ...(stays ? [stays] : []), ...expiry(client, token)];
  return { blocks, known };
}

/** Why a rollback will leave the tag, in a sentence; null when it need not. Refusal `tag-refused`. */
async function tagStays(
  client: GitlabClient,
  { tag, deletesTag }: ComingRelease,
  account: GitlabAccount,
  rules: PushRules | null,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { patterns, isRefused } = await nameRulesOf(client, 'tag', tag, account, signal);
  const named = `tags called ${patterns.join(' or ')} are protected`;
  const reason = `${named}, and it may not make them`;
  if (isRefused) throw new Refusal('tag-refused', { tag, remote: client.web, reason });
  const denied = rules?.deny_delete_tag ? 'a push rule lets nobody delete tags by git' : null;
  const why = patterns.length > 0 ? named : denied;
  if (!deletesTag || why === null) return null;
  return `The tag stays after a rollback although \`rollback.tag\` is delete: ${why}.`;
}

/** Refusals for all that the token lacks, for the doctor. */
export async function lackingPermissions(
  client: GitlabClient,
  branch: string,
  signal: AbortSignal | undefined,
): Promise<readonly Refusal[]> {
  const token = await tokenOf(client, signal);
  if (token && !token.scopes.includes('api')) {
    const said = `it has ${token.scopes.join(', ') || 'none'}`;
    return [lack(client, { doing: 'write releases and deployments', needs: 'the scope api', said })];
  }
  const { permissions } = await projectOf(client, signal);
  const role = await roleOf(client, permissions, token, signal);
  return role < DEVELOPER ? [roleLacks(client, branch)] : [];
}

const ROLES: Readonly<Record<string, number>> = { developer: DEVELOPER, maintainer: MAINTAINER, owner: 50 };

/** Why a pipeline that this account starts takes no variables, in words; null where it does, or GitLab does not say. */
export async function variablesBlockedBy(
  client: GitlabClient,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const project = await client.get({ path: '', reply: Project, doing: 'read the project', signal });
  const { restrict_user_defined_variables: isRestricted, permissions } = project;
  const least = project.ci_pipeline_variables_minimum_override_role ?? (isRestricted ? 'maintainer' : '');
  if (isRestricted === false || least === '') return null;
  if (least === 'no_one_allowed') return 'lets nobody do that';
  const wanted = ROLES[least] ?? 0;
  const role = await roleOf(client, permissions, await tokenOf(client, signal), signal, wanted);
  return role < wanted ? `wants the role ${least}, which the token does not have` : null;
}

/** Refusal `repository-redirects` for a project that was moved: GitLab leads readers on, and refuses writers. */
async function projectOf(client: GitlabClient, signal: AbortSignal | undefined) {
  const found = await client.get({ path: '', reply: Project, doing: 'read the project', signal });
  const { path_with_namespace: now, web_url: to } = found;
  if (now.toLowerCase() !== client.name.toLowerCase()) {
    throw new Refusal('repository-redirects', { remote: client.web, ...(to ? { to } : {}) });
  }
  return found;
}

/**
 * The greatest role of the account. What a project says of it leaves out groups that were invited; those who have no role
 * and may work there all the same are administrators, or strangers, whom the push is left to. A role that is `enough` may
 * be less than the greatest.
 */
async function roleOf(
  client: GitlabClient,
  permissions: z.infer<typeof Project>['permissions'],
  token: Token | null,
  signal: AbortSignal | undefined,
  enough = MAINTAINER,
): Promise<number> {
  const { project_access: own, group_access: group } = permissions ?? {};
  const known = Math.max(own?.access_level ?? 0, group?.access_level ?? 0);
  if (known >= enough) return known;
  const user = token?.user_id;
  const member = user == null ? null : await memberOf(client, user, signal);
  return Math.max(known, member?.access_level ?? 0) || Number.POSITIVE_INFINITY;
}

/** As a member by whatever way. */
function memberOf(client: GitlabClient, user: number, signal: AbortSignal | undefined) {
  const path = `/members/all/${user}`;
  const asked = client.get({ path, reply: Member, doing: 'read its own role', signal });
  return client.unless(['platform-forbidden', 'platform-not-found', 'platform-refused'], asked);
}

/** Null where GitLab is too old to tell, or the token may not even ask. */
async function tokenOf(client: GitlabClient, signal: AbortSignal | undefined): Promise<Token | null> {
  const asked = client.elsewhere({
    path: '/personal_access_tokens/self',
    reply: Token,
    doing: 'read its own token',
    signal,
  });
  return client.unless(['platform-forbidden', 'platform-not-found', 'platform-refused'], asked);
}

function expiry(client: GitlabClient, token: Token | null): readonly string[] {
  // A token is good until the beginning of that day, by UTC.
  const left = Date.parse(token?.expires_at ?? '') - client.now();
  if (!(left < NOTICE_MS)) return [];
  const when = left < DAY_MS ? 'within a day' : `in ${durationInWords(Math.floor(left / DAY_MS) * DAY_MS)}`;
  return [`The token in ${client.tokenName} expires ${when}: make a new one.`];
}

function roleLacks(client: GitlabClient, branch: string): Refusal {
  return lack(client, {
    doing: `push to ${branch}`,
    needs: 'the role Developer in the project, or a higher one',
  });
}

function lack(
  client: GitlabClient,
  facts: { readonly doing: string; readonly needs: string; readonly said?: string },
): Refusal {
  return new Refusal('platform-forbidden', { platform: 'GitLab', token: client.tokenName, ...facts });
}
