import { approversInWords } from '../../domain/policy/policy.ts';
import { decidedBy } from '../../domain/promotion/deciders.ts';
import { type Approval, mayStillSayNo, type Promotion, runOf } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { askedOnce, type ServicePeople } from '../run/memberships.ts';
import type { Ports } from '../run/ports.ts';
import { type Counting, countApprovals, isExcludedAuthor, mayApprove, voterOf } from '../steps/votes.ts';
import { mustBeMember } from './permission.ts';
import { about, audited, type Caller, portsOf, type RequestContext } from './request.ts';
import { deliver } from './tell-run.ts';

/**
 * A vote on the digest that the person saw on the card. Refusals: `not-allowed`, `person-not-full-member`,
 * `request-unproven`, `self-approval`, `decider-approval`, `author-approval`, `digest-changed`, `already-voted`, `promotion-moved-on`.
 */
export async function vote(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
  ballot: Pick<Approval, 'decision' | 'digest' | 'reason'>,
): Promise<Promotion> {
  const action = ballot.decision === 'approve' ? 'approval.given' : 'approval.declined';
  const promotion = await requests.ledger.get(promotionId);
  return audited(requests, caller, about(action, promotion), async (request) => {
    const ports = portsOf(requests, promotion.service);
    const asking = { service: ports.service, people: askedOnce(ports.people.forClicks) };
    await mustBeApprover(asking, caller.user);
    if (ballot.decision === 'approve') {
      await mayApproveThis({ ...asking, ledger: requests.ledger }, caller.user, promotion);
    }

    const before = await requests.ledger.approvals(promotionId);
    const cast = { ...ballot, by: caller.user, at: requests.now(), valid: true };
    const expected = [...withoutVoteOf(before, caller.user), cast];
    const left = ballot.decision === 'approve' ? await leftAfter(ports, promotion, expected) : () => ({});
    const key = `vote:${promotionId}:${caller.user}:${before.length}`;
    await request.storing(() =>
      requests.ledger.vote(promotionId, { ...ballot, by: caller.user }, request.source, (votes) => ({
        key,
        notice:
          ballot.decision === 'approve'
            ? { kind: 'approved', by: caller.user, ...left(votes) }
            : { kind: 'declined', by: caller.user, ...given({ reason: ballot.reason }) },
      })),
    );
    await deliver(requests, { run: runOf(promotion) });
    return requests.ledger.get(promotionId);
  });
}

/** Takes one's own approval back. Refusals: `person-not-full-member`, `no-vote`, `promotion-moved-on`. */
export async function withdrawVote(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
): Promise<Promotion> {
  const promotion = await requests.ledger.get(promotionId);
  return audited(requests, caller, about('approval.withdrawn', promotion), async (request) => {
    const ports = portsOf(requests, promotion.service);
    await mustBeMember({ people: ports.people.forClicks }, caller.user, 'approve');
    const before = await requests.ledger.approvals(promotionId);
    const left = await leftAfter(ports, promotion, withoutVoteOf(before, caller.user));
    await request.storing(() =>
      requests.ledger.withdrawVote(promotionId, caller.user, request.source, (votes) => ({
        key: `withdraw:${promotionId}:${caller.user}:${votes.filter(({ by }) => by === caller.user).length}`,
        notice: { kind: 'withdrawn', by: caller.user, ...left(votes) },
      })),
    );
    await deliver(requests, { run: runOf(promotion) });
    return requests.ledger.get(promotionId);
  });
}

/** A person's other decision replaces the earlier one. */
function withoutVoteOf(votes: readonly Approval[], user: string): readonly Approval[] {
  return votes.map((vote) => (vote.by === user ? { ...vote, valid: false } : vote));
}

/**
 * How many are missing once the votes are as expected, for the thread; nothing when somebody else voted meanwhile, or when
 * Slack does not answer now: the vote is stored and counted all the same.
 */
async function leftAfter(
  { service, people, ledger }: Ports,
  promotion: Promotion,
  expected: readonly Approval[],
): Promise<(votes: readonly Approval[]) => { readonly missing?: number }> {
  try {
    const counting = { service, people: people.forDisplay, ledger };
    const { missing } = await countApprovals(counting, promotion, expected);
    return (votes) => (standing(votes) === standing(expected) ? { missing } : {});
  } catch (error) {
    if (error instanceof Unavailable) return () => ({});
    throw error;
  }
}

/** The votes that count, to be compared. */
function standing(votes: readonly Approval[]): string {
  const valid = votes.filter((vote) => vote.valid);
  return JSON.stringify(valid.map(({ by, decision, digest }) => [by, decision, digest]));
}

/** Whether a person may decline what is asked or released now: for those who only open the form. Refusals: as of a vote. */
export async function mayVote(requests: RequestContext, caller: Caller, promotion: Promotion): Promise<void> {
  const { service, state } = promotion;
  const { service: settings, people } = portsOf(requests, service);
  await mustBeApprover({ service: settings, people: askedOnce(people.forClicks) }, caller.user);
  if (!mayStillSayNo(promotion)) throw new Refusal('promotion-moved-on', { service, state });
}

export async function mustBeApprover(ports: ServicePeople, user: string): Promise<void> {
  await mustBeMember(ports, user, 'approve');
  const voter = await voterOf(ports, user);
  if (voter && mayApprove(ports, voter)) return;
  throw new Refusal('not-allowed', {
    action: 'approve',
    service: ports.service.name,
    who: approversInWords(ports.service.policy),
  });
}

async function mayApproveThis(ports: Counting, user: string, promotion: Promotion): Promise<void> {
  const { name: service, policy } = ports.service;
  const deciders = await ports.ledger.deciders(promotion.id);
  if (deciders === null) throw new Refusal('request-unproven', { service });
  if (deciders.requester === user && !policy.selfApproval) throw new Refusal('self-approval', { service });
  const decided = decidedBy(promotion, user, deciders);
  if (decided !== null) throw new Refusal('decider-approval', { service, what: decided });
  if (await isExcludedAuthor(ports, user, promotion)) {
    throw new Refusal('author-approval', { service });
  }
}
