import type { Directory } from '../../adapters/slack/port.ts';
import { groupsOf, names, policyFor } from '../../domain/policy/policy.ts';
import { type VoteCount, type Voter, voteCountInDoubt } from '../../domain/policy/quorum.ts';
import {
  type Author,
  authorInWords,
  configuredPeople,
  couldBe,
  doesClear,
  nameOf,
  plannedAuthors,
} from '../../domain/promotion/authors.ts';
import { decidedBy } from '../../domain/promotion/deciders.ts';
import { unprovenPlan, unprovenRequest, unprovenVote } from '../../domain/promotion/events/approval.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import { digestOf, type Plan } from '../../domain/promotion/plan.ts';
import type { Approval, Promotion } from '../../domain/promotion/promotion.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import type { Ledger } from '../run/ledger.ts';
import { askedOnce, isMemberNow, membershipsOf, type ServicePeople } from '../run/memberships.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

export interface Counted {
  /** Approvals that are still needed. */
  readonly missing: number;
  /** Somebody said no: that is the end of it. */
  readonly declined: Closed | null;
}

/** Counts the votes by who people are now, and shows who is still needed. */
export function countVotes(run: PromotionRun): Promise<Counted> {
  const { ports, id } = run;
  return run.patiently<Counted>('count', async () => {
    const votes = await ports.ledger.approvals(id);
    for (const vote of votes.filter(({ unproven }) => unproven)) await run.note(unprovenVote(vote));
    const promotion = await ports.ledger.get(id);
    if (!hasPlanOfDigest(promotion)) await run.note(unprovenPlan);
    if ((await ports.ledger.deciders(id)) === null) await run.note(unprovenRequest);
    const { missing, wanted, unknown } = await countApprovals(ports, promotion, votes);
    const of = votes.filter((vote) => vote.valid && vote.decision === 'approve').length;
    const named = wanted.map((requirement) => requirement.name);
    const doubts = unknown.length > 0 ? { unknown: unknown.map(authorInWords) } : {};
    await run.show({ voteCount: { missing, wanted: named, of, ...doubts } });
    const { by } = votes.find(isDecline) ?? {};
    if (by === undefined) return { missing, declined: null };
    return { missing, declined: { kind: 'closed', state: 'cancelled', by, reason: 'Declined.' } };
  });
}

/** A no that counts. */
export function isDecline({ valid, decision }: Approval): boolean {
  return valid && decision === 'decline';
}

/**
 * Whether enough people approved exactly this plan, right now. Asked within the step that acts on it, so that it does not
 * rest on what an earlier step has stored.
 */
export async function isApproved(ports: Ports, id: string, plan: Plan): Promise<boolean> {
  const digest = digestOf(plan);
  const votes = (await ports.ledger.approvals(id)).filter((vote) => vote.digest === digest);
  const promotion = await ports.ledger.get(id);
  const asked = { ...promotion, digest, data: { ...promotion.data, plan } };
  const { missing } = await countApprovals(ports, asked, votes);
  return missing === 0;
}

/** Whether the stored plan is what its digest says: what people see, and whose authors are excluded. */
export function hasPlanOfDigest({ digest, data }: Pick<Promotion, 'digest' | 'data'>): boolean {
  return digest === null || (data.plan !== undefined && digestOf(data.plan) === digest);
}

/** What approvals are counted with. */
export interface Counting extends ServicePeople {
  readonly ledger: Pick<Ledger, 'deciders'>;
}

/**
 * Counts the approvals that stand, by who people are now: whoever was deactivated, left every group that may
 * approve, asked or decided, or turns out to be an excluded author counts no more. Nobody does when the plan is not that
 * of the digest, or nothing proves who asked. Each author whom nobody knows may be another of them: then those that are
 * left without these have to be enough. What a pipeline asked for takes one more. Throws Unavailable when Slack does not answer.
 */
export async function countApprovals(
  { service, people, ledger }: Counting,
  promotion: Pick<Promotion, 'id' | 'request' | 'data' | 'digest'>,
  approvals: readonly Approval[],
): Promise<VoteCount & { readonly unknown: readonly Author[] }> {
  const ports = { service, people: askedOnce(people) };
  const unknown = await unknownAuthors(ports, promotion);
  const authors = [...new Set(unknown.map(nameOf))].map(
    (name) =>
      ({ user }: Voter) =>
        unknown.some((one) => nameOf(one) === name && couldBe(user, one, service.policy.people ?? {})),
  );
  const voters: Voter[] = [];
  const deciders = hasPlanOfDigest(promotion) ? await ledger.deciders(promotion.id) : null;
  const policy = policyFor(service.policy, deciders?.requester ?? promotion.request.by);
  for (const { by, valid, decision } of deciders === null ? [] : approvals) {
    if (!valid || decision !== 'approve' || deciders === null) continue;
    if (!policy.selfApproval && by === deciders.requester) continue;
    if (decidedBy(promotion, by, deciders) !== null) continue;
    const voter = await voterOf(ports, by);
    if (!voter || !mayApprove(ports, voter) || (await isExcludedAuthor(ports, by, promotion))) continue;
    voters.push(voter);
    // Slack is asked about no more people than it takes.
    const counted = voteCountInDoubt(policy, voters, authors);
    if (counted.missing === 0) return { ...counted, unknown };
  }
  return { ...voteCountInDoubt(policy, voters, authors), unknown };
}

/** A person with the groups of the approval policy that they are in; null for who cannot act at all. */
export async function voterOf({ service, people }: ServicePeople, user: string): Promise<Voter | null> {
  const { approve, requirements } = service.policy;
  if (!(await isMemberNow(people, user))) return null;
  const groups = [approve, ...requirements.map(({ who }) => who)].flatMap(groupsOf);
  const memberships = await Promise.all(
    groups.map((group) => membershipsOf({ service, people }, user, [group]).catch(whenRefused(null))),
  );
  return { user, groups: memberships.flatMap((found) => found ?? []) };
}

/** Named as an approver, or by one of the requirements. */
export function mayApprove({ service }: Pick<ServicePeople, 'service'>, { user, groups }: Voter): boolean {
  const { approve, requirements } = service.policy;
  return [approve, ...requirements.map(({ who }) => who)].some((who) => names(who, user, groups));
}

/** Whether policy keeps this person from approving their own commits; someone without an email cannot prove otherwise. */
export async function isExcludedAuthor(
  { service, people }: ServicePeople,
  user: string,
  { data }: Pick<Promotion, 'data'>,
): Promise<boolean> {
  const { excludeAuthors, people: configured = {} } = service.policy;
  if (!excludeAuthors) return false;
  const { email } = await people.profile(user);
  if (email === undefined) return true;
  return plannedAuthors(data.plan?.authors).some(
    (author) =>
      author.emails.includes(email.toLowerCase()) || configuredPeople(author, configured).includes(user),
  );
}

/** Authors that neither the config nor Slack knows, or that nothing proves. */
async function unknownAuthors(
  { service, people }: ServicePeople,
  { data }: Pick<Promotion, 'data'>,
): Promise<readonly Author[]> {
  const { excludeAuthors, people: configured = {} } = service.policy;
  if (!excludeAuthors) return [];
  const unknown: Author[] = [];
  for (const author of plannedAuthors(data.plan?.authors)) {
    const isKnown =
      doesClear(author.trust) &&
      (configuredPeople(author, configured).length > 0 || (await hasMember(people, author)));
    if (!isKnown) unknown.push(author);
  }
  return unknown;
}

async function hasMember(people: Directory, { emails }: Author): Promise<boolean> {
  for (const email of emails) {
    if (email.includes('@') && (await people.byEmail(email)) !== null) return true;
  }
  return false;
}
