import type { Notice } from '../../domain/promotion/notice.ts';
import * as alarm from './alarm-notices.ts';
import * as approval from './approval-notices.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';
import * as monitor from './monitor-notices.ts';
import { withOutcome } from './outcome.ts';
import * as override from './override-notices.ts';
import * as release from './release-notices.ts';
import * as rollback from './rollback-notices.ts';

type Renderers = {
  readonly [K in Notice['kind']]: (notice: NoticeOf<K>, about: About) => NoticeMessage;
};

const RENDERERS: Renderers = {
  started: approval.started,
  blocked: approval.blocked,
  ready: approval.ready,
  approved: approval.approved,
  declined: approval.declined,
  withdrawn: approval.withdrawn,
  unproven: approval.unproven,
  voided: approval.voided,
  closed: approval.closed,
  'next-in-queue': approval.nextInQueue,
  override: override.overridden,
  'debt-reminder': override.debtReminder,
  'debt-acknowledged': override.debtAcknowledged,
  'lock-stolen': override.lockStolen,
  unlocked: override.unlocked,
  releasing: release.releasing,
  released: release.released,
  deployed: release.deployed,
  'release-refused': release.releaseRefused,
  'tag-missing': release.tagMissing,
  'deploy-failed': release.deployFailed,
  'not-stopped': release.notStopped,
  health: release.health,
  report: release.report,
  trouble: release.trouble,
  recovered: release.recovered,
  watching: monitor.watching,
  monitor: monitor.monitor,
  'alarm-untaken': alarm.alarmUntaken,
  undecided: alarm.undecided,
  'rollback-stopped': alarm.rollbackStopped,
  'alarm-taken': alarm.alarmTaken,
  'window-changed': monitor.windowChanged,
  'user-report': monitor.userReport,
  'hotfix-announced': monitor.hotfixAnnounced,
  'hotfix-waits': monitor.hotfixWaits,
  'risk-accepted': override.riskAccepted,
  'rollback-started': rollback.rollbackStarted,
  'rolled-back': rollback.rolledBack,
  'rollback-failed': rollback.rollbackFailed,
  shipped: monitor.shipped,
};

/** The reply in the thread of a promotion: what happened, and what to do next when there is something to do. */
export function notice(event: Notice, about: About): NoticeMessage {
  const render = RENDERERS[event.kind] as ((event: Notice, about: About) => NoticeMessage) | undefined;
  // A newer version may have stored a kind that this one does not know; the notices after it still have to be sent.
  if (!render) return content(['Something happened that this version of Slipway cannot show.']);
  const message = render(event, about);
  const { asked, promotion } = about;
  return asked ? withOutcome(message, event, promotion, asked) : message;
}
