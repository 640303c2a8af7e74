import type { ActionsBlock, Button, ConfirmationDialog } from '@slack/types';
import { holdups } from '../../domain/policy/override.ts';
import { alsoShipsInWords } from '../../domain/promotion/plan.ts';
import {
  type Approval,
  type Promotion,
  type PromotionRequest,
  windowOf,
} from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import { clean, truncate } from '../kit/escape.ts';
import { ACTION, type Action, actionId, type ButtonValue, promotionValue } from '../kit/ids.ts';
import { JUDGE } from '../kit/labels.ts';
import { LIMITS } from '../kit/limits.ts';
import { plain } from '../kit/rich-text.ts';

/** How long the extend button adds, ms. */
const EXTENSION_MS = 15 * 60_000;

/** What changes the monitor's window, each time once. */
const WINDOW: readonly Action[] = [ACTION.extend, ACTION.hold, ACTION.releaseHold];

/** Where a rollback of this promotion would go; null when nothing was live before. */
export function wayBack(promotion: Promotion): Release | null {
  return promotion.data.plan?.rollbackTo ?? null;
}

/** The size of the step that was asked for last. */
export function wishedBump({ request, data }: Promotion): PromotionRequest['bump'] {
  return data.wish?.bump ?? request.bump;
}

/** What people may do now, most wanted first; everything else would be refused. */
export function buttonsFor(promotion: Promotion): readonly Action[] {
  const details: readonly Action[] = promotion.data.plan || promotion.data.gates ? [ACTION.details] : [];
  const isOwing = promotion.data.overrides?.some((one) => one.acknowledged === undefined) ?? false;
  return [...decisionsFor(promotion), ...(isOwing ? [ACTION.acknowledge] : []), ...details];
}

function decisionsFor(promotion: Promotion): readonly Action[] {
  const { decision, monitor } = promotion.data;
  const rollback: readonly Action[] = wayBack(promotion) ? [ACTION.rollback] : [];
  switch (promotion.state) {
    case 'checking':
      return [ACTION.cancel];
    case 'blocked': {
      const glass = isOverridable(promotion) ? [ACTION.breakGlass] : [];
      return decision === 'lower-bump'
        ? [ACTION.confirmLowerBump, ACTION.chooseBump, ACTION.recheck, ACTION.cancel]
        : [ACTION.recheck, ...glass, ACTION.chooseBump, ACTION.cancel];
    }
    case 'awaiting-approval':
      return [ACTION.approve, ACTION.decline, ACTION.chooseBump, ACTION.recheck, ACTION.cancel];
    case 'releasing':
      return [ACTION.cancel];
    case 'deploying':
      return decision === 'retry-deploy' ? [ACTION.retryDeploy, ...rollback, ACTION.cancel] : rollback;
    case 'verifying':
      return decision === 'unhealthy' ? [...rollback, ACTION.retryDeploy, ACTION.accept] : rollback;
    case 'monitoring': {
      const settle = decision === 'unproven' || decision === 'warning' ? [ACTION.accept] : [];
      const hold = monitor?.held ? ACTION.releaseHold : ACTION.hold;
      return [...rollback, ...settle, ACTION.extend, hold];
    }
    case 'rolling-back':
      return decision === 'retry-deploy' ? [ACTION.retryDeploy, ACTION.accept] : [];
    case 'shipped':
      return promotion.data.superseded ? [] : rollback;
    case 'rolled-back':
      return promotion.data.unlocked ? [] : [ACTION.unlock];
    case 'failed':
      return [...(promotion.data.deployment && !promotion.data.superseded ? rollback : []), ACTION.start];
    case 'cancelled':
    case 'expired':
      return [ACTION.start];
  }
}

/** Nothing holds it up but what people may override. */
function isOverridable({ data }: Promotion): boolean {
  const { breakable, firm } = holdups(data.gates ?? []);
  return breakable.length > 0 && firm.length === 0;
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

/** The row of buttons of a card; null when there is nothing to press. */
export function buttonRow(promotion: Promotion, approvals: readonly Approval[]): ActionsBlock | null {
  const isGiven = approvals.some((vote) => vote.valid && vote.decision === 'approve');
  const kinds = buttonsFor(promotion).flatMap((kind) =>
    kind === ACTION.decline && isGiven ? [kind, ACTION.withdraw] : [kind],
  );
  if (kinds.length === 0) return null;
  const missing = missingApprovals(promotion, approvals);
  return { type: 'actions', elements: kinds.map((kind) => button(kind, promotion, { missing })) };
}

export interface ButtonOptions {
  readonly missing?: number | null;
  readonly suffix?: string;
  readonly via?: NonNullable<ButtonValue['via']>;
  /** Version to roll back to, when it is not the one before. */
  readonly to?: string | undefined;
}

/** One button of a promotion, with its confirm dialog where a click has consequences. */
export function button(kind: Action, promotion: Promotion, options: ButtonOptions = {}): Button {
  const confirm = confirmOf(kind, promotion);
  const style = styleOf(kind, promotion);
  const { service, request } = promotion;
  const more: ButtonValue = {
    ...(kind === ACTION.extend ? { ms: EXTENSION_MS } : {}),
    ...(WINDOW.includes(kind) ? { window: windowOf(promotion) } : {}),
    ...(kind === ACTION.unlock || kind === ACTION.start ? { service: service.slice(0, 200) } : {}),
    ...(kind === ACTION.start && request.feature ? { feature: request.feature.slice(0, 300) } : {}),
    ...(kind === ACTION.start || kind === ACTION.confirmLowerBump ? { bump: wishedBump(promotion) } : {}),
    ...(options.to === undefined ? {} : { to: options.to.slice(0, 100) }),
    via: options.via ?? 'card',
  };
  return {
    type: 'button',
    action_id: actionId(kind, options.suffix),
    text: plain(labelOf(kind, promotion, options), LIMITS.buttonText),
    value: promotionValue(promotion, more),
    ...(style ? { style } : {}),
    ...(confirm ? { confirm } : {}),
  };
}

function labelOf(kind: Action, promotion: Promotion, { missing, to }: ButtonOptions): string {
  switch (kind) {
    case ACTION.approve:
      return missing ? `Approve (${missing} missing)` : 'Approve';
    case ACTION.decline:
      return 'Decline…';
    case ACTION.withdraw:
      return 'Take back my approval';
    case ACTION.recheck:
      return 'Re-check';
    case ACTION.cancel:
      return 'Cancel';
    case ACTION.confirmLowerBump:
      return 'Confirm the lower version';
    case ACTION.chooseBump:
      return 'Change version…';
    case ACTION.retryDeploy:
      if (promotion.state === 'verifying') return 'Check again';
      return promotion.state === 'rolling-back' ? 'Retry the rollback' : 'Retry the deploy';
    case ACTION.rollback:
      return `Roll back to ${to ?? wayBack(promotion)?.version ?? 'the release before'}`;
    case ACTION.extend:
      return 'Extend 15 min';
    case ACTION.hold:
      return 'Hold the window open';
    case ACTION.releaseHold:
      return 'Release the hold';
    case ACTION.accept:
      if (promotion.state === 'rolling-back') return 'Give up the rollback';
      return promotion.state === 'verifying' ? 'Accept and go on' : 'Accept and close';
    case ACTION.start:
      return 'Start again';
    case ACTION.unlock:
      return `Unlock ${promotion.service}`;
    case ACTION.breakGlass:
      return 'Break glass…';
    case ACTION.acknowledge:
      return 'Acknowledge';
    case ACTION.details:
      return 'Details';
    default:
      return kind.replaceAll('_', ' ');
  }
}

function styleOf(kind: Action, promotion: Promotion): Button['style'] {
  switch (kind) {
    case ACTION.approve:
    case ACTION.retryDeploy:
      return 'primary';
    case ACTION.recheck:
      return promotion.state === 'blocked' ? 'primary' : undefined;
    case ACTION.rollback:
    case ACTION.breakGlass:
      return 'danger';
    default:
      return undefined;
  }
}

function confirmOf(kind: Action, promotion: Promotion): ConfirmationDialog | undefined {
  const { service, data } = promotion;
  const next = data.plan?.version.next ?? data.release?.version ?? 'this version';
  const where = data.plan?.target.name ?? 'production';
  const back = wayBack(promotion)?.version ?? 'the release before';
  const besides = data.plan ? alsoShipsInWords(data.plan) : null;
  switch (kind) {
    case ACTION.approve:
      return dialog(
        `Approve ${service} ${next}?`,
        `${besides === null ? '' : `${besides} `}With the last approval Slipway commits and tags ${next} on ${shortCandidate(promotion)} and deploys it to ${where}.`,
        'Approve',
      );
    case ACTION.confirmLowerBump:
      return dialog(
        'Ship with the lower version?',
        `The commits ask for more than ${article(wishedBump(promotion))} bump. Your choice is recorded with your name, and others still have to approve.`,
        'Confirm',
      );
    case ACTION.rollback:
      return dialog(
        `Roll ${service} back to ${back}?`,
        `${back} is deployed in place of ${next} and checked, and ${service} is locked until someone unlocks it. Database migrations are not undone.`,
        'Roll back',
        'danger',
      );
    case ACTION.cancel:
      return dialog(
        `Cancel this promotion of ${service}?`,
        'Nothing more happens, and nothing is left half done.',
        'Cancel it',
        'danger',
      );
    case ACTION.retryDeploy:
      if (promotion.state === 'verifying') return undefined;
      return promotion.state === 'rolling-back'
        ? dialog(`Roll back to ${back} again?`, `${back} is deployed to ${where} once more.`, 'Retry')
        : dialog(
            `Deploy ${service} ${next} again?`,
            `The release that exists is deployed to ${where} once more.`,
            'Retry',
          );
    case ACTION.accept:
      return promotion.state === 'rolling-back'
        ? dialog('Give up the rollback?', acceptText(promotion, next), 'Give up', 'danger')
        : dialog('Accept it as it is?', acceptText(promotion, next), 'Accept');
    case ACTION.start:
      return dialog(
        `Start ${service} again?`,
        'The gates are checked anew. Nothing is deployed before people approve.',
        'Start',
      );
    case ACTION.acknowledge:
      return acknowledgeDialog();
    case ACTION.unlock:
      return dialog(
        `Unlock ${service}?`,
        'People can ship it again. Make sure that what went wrong is mended.',
        'Unlock',
      );
    default:
      return undefined;
  }
}

function acceptText(promotion: Promotion, next: string): string {
  if (promotion.state === 'rolling-back')
    return 'The promotion ends as failed, production stays as it is now, and the service stays locked.';
  if (promotion.state === 'verifying')
    return `${next} stays live although not every check passed, and the watch begins.`;
  const { judgement } = promotion.data.monitor ?? {};
  const worst = judgement?.findings.find(({ verdict }) => verdict === judgement.verdict);
  const why = worst ? `. ${truncate(clean(`${worst.metric}: ${worst.reason}`), 120)}` : '';
  const verdict = JUDGE[judgement?.verdict ?? 'inconclusive'].words;
  return `${next} stays live and the watch ends now, although production is ${verdict}${why} Your name is recorded.`;
}

function article(bump: string): string {
  return bump === 'auto' ? 'this' : `a ${bump}`;
}

function shortCandidate(promotion: Promotion): string {
  return promotion.data.plan?.candidate.commit.slice(0, 7) ?? 'the candidate';
}

/** A confirm dialog within Slack's limits. */
function dialog(title: string, text: string, confirm: string, style?: 'danger'): ConfirmationDialog {
  return {
    title: plain(title, LIMITS.confirmTitle),
    text: plain(text, LIMITS.confirmText),
    confirm: plain(confirm, 30),
    deny: plain('Not now', 30),
    ...(style ? { style } : {}),
  };
}

export function acknowledgeDialog() {
  return dialog(
    'Acknowledge that the glass was broken?',
    'You have read why it was broken and say so with your name. Whoever broke it cannot do this.',
    'Acknowledge',
  );
}

/** Starting always asks once more. */
export function startDialog(service: string) {
  return dialog(
    `Ship ${service} to production?`,
    'The gates are checked and a card opens in the channel. Nothing is deployed before people approve.',
    'Start',
  );
}
