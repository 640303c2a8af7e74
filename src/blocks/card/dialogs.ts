import type { ConfirmationDialog } from '@slack/types';
import { alsoShipsInWords } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import { clean, truncate } from '../kit/escape.ts';
import { JUDGE, shortSha } from '../kit/labels.ts';
import { LIMITS } from '../kit/limits.ts';
import { plain } from '../kit/rich-text.ts';
import { requestedBump, rollbackTarget } from './plan.ts';

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

export function approveDialog(promotion: Promotion): ConfirmationDialog {
  const { plan } = promotion.data;
  const next = nextVersion(promotion);
  const besides = plan ? alsoShipsInWords(plan) : null;
  const commit = plan ? shortSha(plan.candidate.commit) : 'the candidate';
  return dialog(
    `Approve ${promotion.service} ${next}?`,
    `${besides === null ? '' : `${besides} `}With the last approval Slipway commits and tags ${next} on ${commit} and deploys it to ${targetName(promotion)}.`,
    'Approve',
  );
}

export function lowerBumpDialog(promotion: Promotion): ConfirmationDialog {
  const bump = requestedBump(promotion);
  return dialog(
    'Ship with the lower version?',
    `The commits ask for more than ${bump === 'auto' ? 'this' : `a ${bump}`} bump. Your choice is recorded with your name, and others still have to approve.`,
    'Confirm',
  );
}

export function rollbackDialog(promotion: Promotion): ConfirmationDialog {
  return dialog(
    `Roll ${promotion.service} back to ${versionBefore(promotion)}?`,
    afterRollback(promotion),
    'Roll back',
    'danger',
  );
}

/** What a rollback that begins now does. Raw text. */
export function afterRollback(promotion: Promotion): string {
  const { service } = promotion;
  return `${versionBefore(promotion)} is deployed in place of ${nextVersion(promotion)} and checked, and ${service} is locked until someone unlocks it. Database migrations are not undone.`;
}

export function cancelDialog(promotion: Promotion): ConfirmationDialog {
  return dialog(
    `Cancel this promotion of ${promotion.service}?`,
    afterCancel(promotion),
    'Cancel it',
    'danger',
  );
}

/** What is left behind by whoever cancels now. */
function afterCancel(promotion: Promotion): string {
  const next = nextVersion(promotion);
  const back = rollbackTarget(promotion)?.version;
  if (promotion.data.decision === 'retry-deploy') {
    // Two releases do not go on sharing production: whoever cancels goes back.
    if (promotion.data.stage !== undefined && back !== undefined) return afterRollback(promotion);
    const live = `Nothing more is deployed. ${next} may be live, in whole or in part, and nobody checks or watches it.`;
    return back === undefined ? live : `${live} To have ${back} for certain, roll back instead.`;
  }
  if (promotion.state !== 'releasing') return 'Nothing more happens, and nothing is left half done.';
  return promotion.data.decision === 'retry-release'
    ? `Nothing is deployed. The commit of ${next} stays on the branch without its tag, until the next promotion finishes it.`
    : `Nothing is deployed. If ${next} is released already it stays so, and the next promotion deploys it.`;
}

export function cancelPlannedDialog(services: readonly string[]): ConfirmationDialog {
  return dialog(
    'Cancel what is planned?',
    `${truncate(clean(services.join(', ')), 150)}: not started then. What is under way already goes on.`,
    'Cancel it',
    'danger',
  );
}

/** Checking again changes nothing, so it is not asked about. */
export function retryDialog(promotion: Promotion): ConfirmationDialog | undefined {
  const where = targetName(promotion);
  const back = versionBefore(promotion);
  switch (promotion.state) {
    case 'verifying':
      return undefined;
    case 'releasing':
      return dialog(
        `Finish ${promotion.service} ${nextVersion(promotion)}?`,
        'What is on the branch gets its tag and is deployed, as it was approved.',
        'Retry',
      );
    case 'rolling-back':
      return dialog(`Roll back to ${back} again?`, `${back} is deployed to ${where} once more.`, 'Retry');
    default:
      return dialog(
        `Deploy ${promotion.service} ${nextVersion(promotion)} again?`,
        `The release that exists is deployed to ${where} once more.`,
        'Retry',
      );
  }
}

export function acceptDialog(promotion: Promotion): ConfirmationDialog {
  const next = nextVersion(promotion);
  switch (promotion.state) {
    case 'rolling-back':
      return dialog(
        'Give up the rollback?',
        'The promotion ends as failed, production stays as it is now, and the service stays locked.',
        'Give up',
        'danger',
      );
    case 'verifying':
      return dialog(
        'Accept it as it is?',
        `${next} stays live although not every check passed, and the watch begins.`,
        'Accept',
      );
    default: {
      const { judgement } = promotion.data.monitor ?? {};
      const worst = judgement?.findings.find(({ verdict }) => verdict === judgement.verdict);
      const { stage } = promotion.data;
      const why = worst ? `. ${truncate(clean(`${worst.metric}: ${worst.reason}`), 120)}` : '';
      const verdict = JUDGE[judgement?.verdict ?? 'inconclusive'].words;
      if (stage !== undefined) {
        return dialog(
          `Go on to ${shareInWords(stage.next)} now?`,
          `${shareInWords(stage.next)} of the requests go to ${next} at once, with production ${verdict}${why} Your name is recorded.`,
          'Go on',
        );
      }
      return dialog(
        'Accept it as it is?',
        `${next} stays live and the watch ends now, although production is ${verdict}${why} Your name is recorded.`,
        'Accept',
      );
    }
  }
}

/** Every button that starts a promotion asks once more. */
export function startDialog(service: string): ConfirmationDialog {
  return dialog(
    `Ship ${service} to production?`,
    'The gates are checked and a card opens in the channel. Nothing is deployed before people approve.',
    'Start',
  );
}

export function startAgainDialog({ service }: Promotion): ConfirmationDialog {
  return dialog(
    `Start ${service} again?`,
    'The gates are checked anew. Nothing is deployed before people approve.',
    'Start',
  );
}

export function acknowledgeDialog(): ConfirmationDialog {
  return dialog(
    'Acknowledge that the glass was broken?',
    'You have read why it was broken and say so with your name. Whoever broke it cannot do this.',
    'Acknowledge',
  );
}

function nextVersion({ data }: Promotion): string {
  return data.plan?.version.next ?? data.release?.version ?? 'this version';
}

function targetName({ data }: Promotion): string {
  return data.plan?.target.name ?? 'production';
}

function versionBefore(promotion: Promotion): string {
  return rollbackTarget(promotion)?.version ?? 'the release before';
}
