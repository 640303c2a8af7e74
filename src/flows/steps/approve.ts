import { allPassed, type GateResult } from '../../domain/gates/gate.ts';
import { approversInWords } from '../../domain/policy/policy.ts';
import { changesBetween, digestOf, type Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { RunMessage } from '../run/port.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { count } from './count.ts';
import { withOverride } from './override.ts';
import { inspectOrWait } from './verify.ts';
import { type Blocked, type Closed, waitBlocked } from './wait-blocked.ts';

export type Agreement =
  | {
      readonly kind: 'agreed';
      readonly plan: Plan;
      readonly digest: string;
      readonly request: PromotionRequest;
    }
  | Closed;

/** Votes are also counted without being told, this often, in ms: the teller may have died between vote and word. */
const COUNT_PAUSE_MS = 120_000;

/** Numbers of the next look and the next deployment, over the whole promotion: they make step names unique. */
export interface Rounds {
  next: number;
  deploys: number;
  /** What people agreed on last, when that came to nothing: the next plan is compared with it. */
  agreed: Asked | null;
}

/**
 * Gates, version and approvals: goes round until people have approved exactly the plan that a fresh look
 * confirms. Every round looks at everything again; when the digest changed, approvals are void.
 */
export async function agree(run: PromotionRun, asked: PromotionRequest, rounds: Rounds): Promise<Agreement> {
  const { inbox } = run;
  let request = asked;
  let approved: Asked | null = null;
  const blocked: Blocked = { said: '', pendingSince: null, voters: [] };

  for (;;) {
    const round = rounds.next++;
    // All votes so far are covered by the look that comes: many at once ask for one look, not for one each.
    while (round > 1 && (await inbox.next(['vote'], 0)) !== null);
    const seen = await look(run, round, request, approved !== null);

    if (seen.plan === null || !allPassed(seen.gates)) {
      blocked.voters = approved === null ? [] : await votersOf(run, round);
      approved = null;
      const answer = await waitBlocked(run, round, seen, blocked);
      if (answer?.kind === 'closed') return answer;
      if (answer?.kind === 'bump') request = await withBump(run, round, request, answer);
      if (answer?.kind === 'override') request = await withOverride(run, request, answer.override);
      continue;
    }

    blocked.said = '';
    const now: Asked = { plan: seen.plan, digest: digestOf(seen.plan) };
    if (approved?.digest === now.digest) {
      await run.mark(`unchanged-${round}`, {
        // A new turn: whoever wants yet another look may ask for it.
        from: ['awaiting-approval'],
        to: 'awaiting-approval',
        data: { gates: seen.gates },
        progress: [{ name: 'verify', status: 'done' }],
      });
    } else {
      await ask(
        run,
        round,
        now,
        { before: approved ?? rounds.agreed, isNews: approved !== null },
        seen.gates,
      );
    }
    approved = now;

    const counted = await count(run, round, now.plan.authors ?? []);
    if (counted.declined) return counted.declined;
    // What came while we looked goes first: a vote was given on what the card showed before, and people may have
    // changed their minds.
    const said = counted.missing === 0 ? await inbox.next(['cancel', 'bump', 'recheck', 'vote'], 0) : null;
    if (counted.missing === 0 && said === null) {
      rounds.agreed = now;
      return { kind: 'agreed', ...now, request };
    }
    const answer = said === null ? await waitForVotes(run, round, now.plan.authors ?? []) : answerTo(said);
    if (answer.kind === 'closed') return answer;
    if (answer.kind === 'bump') request = await withBump(run, round, request, answer);
  }
}

async function withBump(
  run: PromotionRun,
  round: number,
  request: PromotionRequest,
  { bump, lowerConfirmed }: Pick<Extract<RunMessage, { kind: 'bump' }>, 'bump' | 'lowerConfirmed'>,
): Promise<PromotionRequest> {
  await run.mark(`bump-${round}`, { data: { wish: { bump, lowerConfirmed } } });
  return { ...request, bump, lowerConfirmed };
}

/** One look at everything; gates show on the card as they are decided. */
async function look(run: PromotionRun, round: number, request: PromotionRequest, wasThere: boolean) {
  if (round > 1) {
    await run.mark(`looking-${round}`, {
      progress: [{ name: 'verify', status: 'running' }],
      data: { notice: null },
    });
  }
  return run.patiently(
    `inspect-${round}`,
    () => inspectOrWait(run.ports, request, (gates) => run.show({ gates }), wasThere),
    { cancellable: true },
  );
}

interface Asked {
  readonly plan: Plan;
  readonly digest: string;
}

async function ask(
  run: PromotionRun,
  round: number,
  now: Asked,
  { before, isNews }: { readonly before: Asked | null; readonly isNews: boolean },
  gates: readonly GateResult[],
): Promise<void> {
  const { service, clock } = run.ports;
  const { policy } = service;
  const changes = before && before.digest !== now.digest ? changesBetween(before.plan, now.plan) : null;
  if (changes && isNews) await run.mark(`voided-${round}`, { notice: { kind: 'voided', changes } });
  await run.mark(`ready-${round}`, () => {
    const at = clock.now();
    const expiresAt = at + policy.approvalsExpireMs;
    const voided = before && changes ? { was: before.digest, changes, at } : null;
    const approvers = approversInWords(policy);
    return {
      from: ['checking', 'blocked', 'awaiting-approval'],
      to: 'awaiting-approval',
      digest: now.digest,
      voidApprovals: true,
      data: { gates, plan: now.plan, expiresAt, decision: null, notice: null, voided },
      progress: [
        { name: 'verify', status: 'done' },
        { name: 'approve', status: 'running' },
      ],
      ...(policy.approvals > 0
        ? { notice: { kind: 'ready', approvals: policy.approvals, approvers, expiresAt } }
        : {}),
      audit: {
        actor: 'slipway',
        action: before === null ? 'plan.ready' : 'plan.changed',
        result: 'done',
        digestBefore: before?.digest ?? null,
        digestAfter: now.digest,
        ...(changes ? { detail: { changes } } : {}),
      },
    };
  });
}

/** Whose approvals stand, and are about to be void. */
function votersOf({ journal, ports, id }: PromotionRun, round: number): Promise<readonly string[]> {
  return journal.step(`voters-${round}`, async () => {
    const votes = await ports.ledger.approvals(id);
    return votes.filter((vote) => vote.valid && vote.decision === 'approve').map((vote) => vote.by);
  });
}

type Answer =
  | { readonly kind: 'look-again' }
  | { readonly kind: 'bump'; readonly bump: PromotionRequest['bump']; readonly lowerConfirmed: boolean }
  | Closed;

/** What a message of people who are asked to approve means. */
function answerTo(message: Extract<RunMessage, { kind: 'vote' | 'recheck' | 'bump' | 'cancel' }>): Answer {
  if (message.kind === 'bump') return message;
  if (message.kind !== 'cancel') return { kind: 'look-again' };
  return { kind: 'closed', state: 'cancelled', by: message.by, reason: message.reason };
}

/** Waits until enough people approved, someone wants a fresh look or another version, or it is over. */
async function waitForVotes(run: PromotionRun, round: number, authors: readonly string[]): Promise<Answer> {
  const { journal, inbox, ports } = run;
  const expiresAt = await journal.step(
    `expires-${round}`,
    async () => (await ports.ledger.get(run.id)).data.expiresAt ?? 0,
  );
  for (let turn = 1; ; turn++) {
    const left = expiresAt - (await journal.now());
    if (left <= 0) return { kind: 'closed', state: 'expired', by: null, reason: 'Nobody approved in time.' };
    const message = await inbox.next(['vote', 'recheck', 'bump', 'cancel'], Math.min(left, COUNT_PAUSE_MS));
    // Every approval is given on a plan that still holds: each one makes the next look.
    if (message && message.kind !== 'vote') return answerTo(message);
    const counted = await count(run, `${round}-${turn}`, authors);
    if (counted.declined) return counted.declined;
    if (message !== null || counted.missing === 0) return { kind: 'look-again' };
  }
}
