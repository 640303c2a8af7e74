import type { KnownBlock, RichTextBlockElement } from '@slack/types';
import { isPipeline } from '../../domain/operations/api-scopes.ts';
import type { Override } from '../../domain/policy/override.ts';
import type { Hotfix } from '../../domain/promotion/hotfix.ts';
import type { Accepted, Approval, Promotion } from '../../domain/promotion/promotion.ts';
import { type Fix, fixInWords } from '../../domain/release/fix.ts';
import { count, JUDGE } from '../kit/labels.ts';
import {
  at,
  bold,
  code,
  type Inline,
  italic,
  line,
  para,
  person,
  quote,
  rich,
  words,
} from '../kit/rich-text.ts';
import type { CardView, ServiceView } from '../kit/views.ts';

const MOST = 5;

/** Who asked, who approved or declined, how many are missing and who may give them. */
export function peoplePart(
  promotion: Promotion,
  approvals: readonly Approval[],
  service: ServiceView,
  most: number,
  noteMax: number,
): KnownBlock {
  const { request } = promotion;
  const lines: Inline[][] = [['Asked by ', ...requester(request), ' ', at(promotion.createdAt)]];
  if (request.note && noteMax > 0) lines.push(['Note: ', italic(request.note, noteMax)]);
  if (request.hotfix) lines.push(['🩹 This is a ', ...hotfixInline(request.hotfix)]);
  const valid = approvals.filter((vote) => vote.valid);
  const given = valid.filter((vote) => vote.decision === 'approve');
  const { voteCount, monitor, accepted } = promotion.data;
  const wanted = voteCount?.of === given.length ? voteCount.wanted : [];
  if (given.length > 0) lines.push(['Approved by ', ...list(given, most)]);
  for (const vote of valid.filter((one) => one.decision === 'decline').slice(0, 3)) {
    lines.push(['Declined by ', person(vote.by), ...(vote.reason ? [': ', words(vote.reason, 200)] : [])]);
  }
  const missing = missingApprovals(promotion, approvals);
  if (promotion.state === 'awaiting-approval' && missing) {
    lines.push([
      bold(`${count(missing, 'approval')} missing`),
      ', from ',
      ...approversInline(service.approvers),
      ...(wanted.length > 0 ? ['. Not yet from: ', ...approversInline(wanted.join(', '))] : []),
    ]);
  }
  if (promotion.state === 'awaiting-approval' && promotion.data.plan?.policy.pipeline) {
    lines.push([
      'It takes one approval more, because a pipeline asked: whoever ran it may be one of those who approve.',
    ]);
  }
  if (promotion.state === 'awaiting-approval' && voteCount?.unknown?.length) {
    lines.push([words(doubt(voteCount.unknown), 600)]);
  }
  const coming = promotion.state === 'monitoring' ? monitor?.hotfix : undefined;
  if (coming) lines.push(['🩹 Hotfix prepared by ', person(coming.by), ...withFix(coming.fix)]);
  if (accepted) lines.push(acceptedInline(accepted, noteMax));
  return rich(para(...lines.flatMap((parts, index) => (index === 0 ? parts : ['\n', ...parts]))));
}

/** Who asked, and with which token of the API. */
export function requester({
  by,
  token,
}: {
  readonly by: string;
  readonly token?: string | undefined;
}): Inline[] {
  return [person(by), ...(token === undefined ? [] : [' with the token ', code(token, 60)])];
}

/** `hotfix of 2.7.0, with abc1234 (fix/till)`, and the document about the rollback of that release. */
export function hotfixInline({ of, fix }: Hotfix): Inline[] {
  return [
    'hotfix of ',
    bold(of.version, 60),
    ...withFix(fix),
    ...(of.incident ? [', which was rolled back: see ', code(of.incident, 200)] : []),
  ];
}

/** `, with abc1234 (fix/till)` */
export function withFix(fix: Fix | undefined): Inline[] {
  return fix ? [', with ', code(fixInWords(fix), 120)] : [];
}

/** `Accepted by @kim as warning: error rate: …` */
export function acceptedInline({ by, verdict, what, hotfix }: Accepted, max: number): Inline[] {
  return [
    'Accepted by ',
    person(by),
    ` as ${JUDGE[verdict].words}`,
    ...(what.length > 0 ? [': ', line(what.join('; '), Math.max(60, max * 2))] : []),
    ...(hotfix ? ['. A hotfix mends it: ', code(hotfix, 100)] : []),
  ];
}

/** Why it takes more approvals, and what to do. */
function doubt(unknown: readonly string[]): string {
  const [first = '', ...others] = unknown;
  const isAre =
    others.length === 0 ? `${first} is` : `${first} and ${count(others.length, 'other', 'others')} are`;
  return `Nobody here knows who ${isAre}, so whoever approves may be an author: it takes one approval more${others.length === 0 ? '' : ' for each'}. Name authors under approvals.people in slipway.yaml, by their Slack id or as outside.`;
}

function list(votes: readonly Approval[], most: number): Inline[] {
  const shown = votes
    .slice(0, most)
    .flatMap((vote, index): Inline[] => [
      ...(index > 0 ? [', '] : []),
      person(vote.by),
      ' ',
      at(vote.at, 'time'),
    ]);
  return votes.length > most ? [...shown, ` and ${count(votes.length - most, 'more', 'more')}`] : shown;
}

/** Slack user ids as people, the first few by name. */
export function people(users: readonly string[]): Inline[] {
  const shown = users
    .slice(0, MOST)
    .flatMap((user, index): Inline[] => [...(index > 0 ? [', '] : []), person(user)]);
  return users.length > MOST ? [...shown, ` and ${count(users.length - MOST, 'more', 'more')}`] : shown;
}

/** Words of the policy about people, in which mention tokens become mentions. */
export function approversInline(approvers: string): Inline[] {
  return approvers
    .slice(0, 600)
    .split(/(<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>)/)
    .filter((part) => part !== '')
    .map((part): Inline => {
      const user = /^<@(\w+)>$/.exec(part)?.[1];
      if (user) return person(user);
      const group = /^<!subteam\^(\w+)>$/.exec(part)?.[1];
      return group ? { type: 'usergroup', usergroup_id: group } : words(part, 300);
    });
}

/** Mentions those who have to know now: whoever asked, and whom the config names. */
export function calling({
  promotion,
  service,
}: Pick<CardView, 'promotion' | 'service'>): RichTextBlockElement {
  const { call } = service;
  const { by } = promotion.request;
  const others = call ? [' and ', ...approversInline(call)] : [];
  // Where a pipeline asked, nobody has.
  const first = isPipeline(by) ? approversInline(service.approvers) : [person(by)];
  return para('This is for ', ...first, ...others, ' to look at.');
}

/** How many approvals are still missing for the present digest; null while there is no plan. */
export function missingApprovals(promotion: Promotion, approvals: readonly Approval[]): number | null {
  const { plan } = promotion.data;
  if (!plan) return null;
  const given = new Set(
    approvals.filter((vote) => vote.valid && vote.decision === 'approve').map((vote) => vote.by),
  );
  const { voteCount } = promotion.data;
  return Math.max(
    0,
    plan.policy.approvals - given.size,
    voteCount?.of === given.size ? voteCount.missing : 0,
  );
}

/** The newest are shown. */
const MOST_OVERRIDES = 3;

/** Who overrode what, why, and whether a second person has acknowledged it. */
export function overridesPart(overrides: readonly Override[] | undefined, textMax: number): KnownBlock[] {
  const shown = (overrides ?? []).slice(-MOST_OVERRIDES);
  if (shown.length === 0) return [];
  return [
    rich(
      ...shown.flatMap(({ by, over, reason, due, acknowledged }) => [
        para(
          bold('🚨 Glass broken'),
          ' by ',
          person(by),
          ' over: ',
          line(over.join('; '), textMax * 2),
          ...acknowledgement(due, acknowledged),
        ),
        quote(words(reason, textMax * 3)),
      ]),
    ),
  ];
}

function acknowledgement(due: number, acknowledged: Override['acknowledged']): Inline[] {
  return acknowledged
    ? ['. Acknowledged by ', person(acknowledged.by), '.']
    : ['. ', bold('A second person has to acknowledge it'), ' by ', at(due), '; that does not hold it back.'];
}
