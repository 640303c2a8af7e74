import { Refusal } from '../../../domain/refusals/refusal.ts';
import {
  CHECKS,
  CONTENTS,
  DEPLOYMENTS,
  type Need,
  PULL_REQUESTS,
  READ_ACTIONS,
  READ_DEPLOYMENTS,
  STATUSES,
} from './api/needs.ts';
import { protectionOf } from './branch-protection.ts';
import type { GithubClientSet } from './client-set.ts';

/** What the configuration wants to do in the repository. */
export interface Wishes {
  readonly ci: 'all' | 'none' | readonly string[];
  readonly environment: string | false;
  readonly protected: 'pull-request' | 'refuse';
  readonly 'staging-environment'?: string | undefined;
}

/**
 * Proves the permissions that a release takes, and says what the rules of the branch want. Refusals `not-writable`
 * and `github-permission`.
 */
export async function mustBeWritable(
  { client, permissions }: GithubClientSet,
  branch: string,
  how: Wishes['protected'],
  signal: AbortSignal | undefined,
): Promise<string | void> {
  const { blocks } = await protectionOf(client, branch, signal);
  if (blocks !== null && how === 'refuse') {
    throw new Refusal('not-writable', { remote: client.web, branch, reason: blocks });
  }
  const needs = blocks === null ? [CONTENTS] : [CONTENTS, PULL_REQUESTS(branch)];
  await permissions.must(needs, signal);
  if (blocks === null) return;
  return `${branch} is protected (${blocks}): the release goes through a pull request.`;
}

/** Refusals `github-permission` for all that the login lacks for what is configured. */
export async function lackingPermissions(
  { client, permissions }: GithubClientSet,
  branch: string,
  wishes: Wishes,
  signal: AbortSignal | undefined,
): Promise<readonly Refusal[]> {
  const { tip, isProtected } = await protectionOf(client, branch, signal);
  const needs = needsOf(wishes, { branch, tip, isProtected });
  const first = await permissions.lacking(needs, signal);
  // What a token does not see as check runs it may see as jobs of Actions; see `checksOf`.
  const isBlind = first.includes('checks: read') && client.login.kind === 'token';
  const otherwise = isBlind && wishes.ci !== 'all';
  const lacking = otherwise
    ? [
        ...first.filter((permission) => permission !== 'checks: read'),
        ...(await permissions.lacking([READ_ACTIONS], signal)),
      ]
    : first;
  const { name: repository, login } = client;
  return lacking.map(
    (permission) => new Refusal('github-permission', { repository, login: login.kind, permission }),
  );
}

/** By what is configured, and by how the branch is protected now. */
function needsOf(
  { ci, environment, protected: how, 'staging-environment': staging }: Wishes,
  {
    branch,
    tip,
    isProtected,
  }: { readonly branch: string; readonly tip: string; readonly isProtected: boolean },
): readonly Need[] {
  const throughPull = isProtected && how === 'pull-request';
  const wantsChecks = ci !== 'none' || throughPull;
  return [
    CONTENTS,
    ...(throughPull ? [PULL_REQUESTS(branch)] : []),
    ...(environment === false ? [] : [DEPLOYMENTS]),
    ...(staging === undefined ? [] : [READ_DEPLOYMENTS]),
    ...(wantsChecks ? [CHECKS(tip), STATUSES(tip)] : []),
  ];
}
