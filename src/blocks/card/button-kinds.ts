import type { Button, ConfirmationDialog } from '@slack/types';
import { type Promotion, windowOf } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import { type ButtonValue, EXTENSION_MS, serviceValue } from '../kit/button-value.ts';
import { ACTION, type Action } from '../kit/ids.ts';
import * as dialogs from './dialogs.ts';
import { requestedBump, rollbackTarget } from './plan.ts';

/** What changes with the place of a button. */
export interface LabelOptions {
  /** How many approvals are missing. */
  readonly missing?: number | null;
  /** The release to roll back to, when it is not the one before. */
  readonly to?: Pick<Release, 'version' | 'commit'> | undefined;
}

export interface ButtonKind {
  label(promotion: Promotion, options: LabelOptions): string;
  style?(promotion: Promotion): Button['style'];
  /** Asked before the click counts; undefined: not asked in this state. */
  confirm?(promotion: Promotion): ConfirmationDialog | undefined;
  /**
   * What a press decides, where the same button comes to mean something else while the card is updated: part of its id,
   * so that a press on the earlier one is not taken for the later one. A few characters.
   */
  meaning?(promotion: Promotion): string | undefined;
  /** What it carries besides the promotion. */
  value?(promotion: Promotion): ButtonValue;
}

const primary = () => 'primary' as const;
const danger = () => 'danger' as const;
/** The window that the person saw, so that several clicks change it once. */
const window = (promotion: Promotion): ButtonValue => ({ window: windowOf(promotion) });

/** The buttons of a promotion, one entry each. */
export const BUTTON_KINDS = {
  [ACTION.approve]: {
    label: (_promotion, { missing }) => (missing ? `Approve (${missing} missing)` : 'Approve'),
    style: primary,
    confirm: dialogs.approveDialog,
    meaning: ({ digest }) => digest?.slice(0, 12),
  },
  [ACTION.decline]: { label: () => 'Decline…' },
  [ACTION.withdraw]: { label: () => 'Take back my approval' },
  [ACTION.recheck]: {
    label: () => 'Re-check',
    style: ({ state }) => (state === 'blocked' ? 'primary' : undefined),
  },
  [ACTION.cancel]: { label: () => 'Cancel', confirm: dialogs.cancelDialog },
  [ACTION.confirmLowerBump]: {
    label: () => 'Confirm the lower version',
    confirm: dialogs.lowerBumpDialog,
    value: (promotion) => ({ bump: requestedBump(promotion) }),
    meaning: requestedBump,
  },
  [ACTION.chooseBump]: { label: () => 'Change version…' },
  [ACTION.retryDeploy]: {
    label: ({ state }) => {
      if (state === 'verifying') return 'Check again';
      if (state === 'releasing') return 'Retry the release';
      return state === 'rolling-back' ? 'Retry the rollback' : 'Retry the deploy';
    },
    style: primary,
    confirm: dialogs.retryDialog,
    meaning: ({ state }) => state,
  },
  [ACTION.rollback]: {
    label: (promotion, { to }) =>
      `Roll back to ${to?.version ?? rollbackTarget(promotion)?.version ?? 'the release before'}`,
    style: danger,
    confirm: dialogs.rollbackDialog,
  },
  [ACTION.extend]: {
    label: () => 'Extend 15 min',
    value: (promotion) => ({ ms: EXTENSION_MS, ...window(promotion) }),
  },
  [ACTION.hold]: { label: () => 'Hold the window open', value: window },
  [ACTION.releaseHold]: { label: () => 'Release the hold', value: window },
  [ACTION.accept]: {
    label: ({ state, data }) => {
      if (state === 'rolling-back') return 'Give up the rollback';
      if (state === 'monitoring' && data.stage) return `Go on to ${shareInWords(data.stage.next)} now`;
      return state === 'verifying' ? 'Accept and go on' : 'Accept and close';
    },
    confirm: dialogs.acceptDialog,
    meaning: ({ state, data }) => (data.stage ? `${state}${data.stage.next}` : state),
  },
  [ACTION.hotfix]: {
    label: ({ data }) => (data.monitor?.hotfix ? 'Ship the hotfix…' : 'Hotfix…'),
  },
  [ACTION.take]: { label: () => "I'm on it", style: primary },
  // There are seconds for it, so it is not asked about.
  [ACTION.stop]: { label: () => 'Stop the rollback', style: danger },
  [ACTION.start]: {
    label: () => 'Start again',
    confirm: dialogs.startAgainDialog,
    value: (promotion) =>
      serviceValue(
        {
          service: promotion.service,
          feature: promotion.request.feature,
          bump: requestedBump(promotion),
          note: promotion.request.note,
        },
        'card',
      ),
  },
  [ACTION.unlock]: {
    label: (promotion) => `Unlock ${promotion.service}…`,
    value: ({ service }) => serviceValue({ service }, 'card'),
  },
  [ACTION.breakGlass]: { label: () => 'Break glass…', style: danger },
  [ACTION.acknowledge]: { label: () => 'Acknowledge', confirm: dialogs.acknowledgeDialog },
  [ACTION.details]: { label: () => 'Details' },
} as const satisfies Partial<Readonly<Record<Action, ButtonKind>>>;

/** What can be asked for with a button of a promotion. */
export type CardAction = keyof typeof BUTTON_KINDS;
