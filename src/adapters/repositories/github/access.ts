import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Identity } from '../commit.ts';
import type { ComingRelease } from '../port.ts';
import { recordsBranch } from '../requests/records-request.ts';
import { releaseBranch } from '../requests/release-request.ts';
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
import type { GithubClientSet } from './client-set.ts';
import { type ComingChange, protectionOf } from './rules/branch-protection.ts';
import { refusesBranch, refusesMethod } from './rules/own-branches.ts';
import { tagRulesOf } from './rules/rulesets.ts';
import { tagRefused } from './writing/branches.ts';
import { areImmutable } from './writing/release-page.ts';

const IMMUTABLE = 'releases are immutable here, and a tag of one cannot be deleted';

/** What the configuration wants to do in the repository. */
export interface Wishes {
  /** That releases are cut on. */
  readonly branch: string;
  readonly ci: 'all' | 'none' | readonly string[];
  readonly environment: string | false;
  readonly protected: 'pull-request' | 'refuse';
  readonly merge: ComingChange['merge'];
  readonly committer?: Identity | undefined;
  readonly 'staging-environment'?: string | undefined;
}

/**
 * Proves the permissions that a release takes, and says what the rules of the branch want. Refusals `not-writable`,
 * `tag-refused` and `github-permission`.
 */
export async function mustBeWritable(
  { client, permissions }: GithubClientSet,
  branch: string,
  { protected: how, merge, committer }: Pick<Wishes, 'protected' | 'merge' | 'committer'>,
  coming: ComingRelease | undefined,
  signal: AbortSignal | undefined,
): Promise<string | void> {
  const email = committer?.email;
  const signed = client.login.kind === 'app' && committer === undefined;
  const change: ComingChange = { merge, signed, email, message: coming?.message };
  const protection = await protectionOf(client, branch, signal, change);
  const { blocks, never, isProtected } = protection;
  const throughPull = isProtected && how === 'pull-request';
  const method = throughPull && !protection.hasQueue ? await refusesMethod(client, merge, signal) : null;
  const reason = never ?? (how === 'refuse' ? blocks : protection.wantsRequest ? method : null);
  if (reason !== null) throw new Refusal('not-writable', { remote: client.web, branch, reason });
  const records = throughPull && coming ? await mayUseBranches(client, branch, change, coming, signal) : null;
  const tag = coming && (await tagRulesOf(client, coming.tag, blocks === null ? change : null, signal));
  if (coming && tag?.refused) throw tagRefused(client, coming.tag, tag.refused);
  const needs = blocks === null ? [CONTENTS] : [CONTENTS, PULL_REQUESTS(branch)];
  await permissions.must(needs, signal);
  const isFrozen = coming?.deletesTag === true && (await areImmutable(client, signal));
  const stays = coming?.deletesTag && (tag?.undeletable ?? (isFrozen ? IMMUTABLE : null));
  const known = [
    blocks === null ? '' : `${branch} is protected (${blocks}): the release goes through a pull request.`,
    blocks === null && method ? `If ${branch} takes no push, the release will fail: ${method}.` : '',
    records === null ? '' : `Reports cannot wait on ${recordsBranch(branch)}: ${records}.`,
    stays ? `The tag stays after a rollback although \`rollback.tag\` is delete: ${stays}.` : '',
  ].filter((sentence) => sentence !== '');
  if (known.length > 0) return known.join(' ');
}

/** Refusal `not-writable` where the branch of a release cannot be made; why that of reports cannot, in words. */
async function mayUseBranches(
  client: GithubClientSet['client'],
  branch: string,
  { signed, email }: ComingChange,
  { tag, message }: ComingRelease,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const own = releaseBranch({ tag });
  const reason = await refusesBranch(client, own, { signed, email, message }, signal);
  if (reason !== null) throw new Refusal('not-writable', { remote: client.web, branch: own, reason });
  return refusesBranch(client, recordsBranch(branch), { signed, email }, signal);
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
