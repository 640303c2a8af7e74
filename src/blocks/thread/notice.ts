import type { Notice } from '../../domain/promotion/notice.ts';
import * as agreeing from './approval-notices.ts';
import { type About, content, type NoticeMessage } from './content.ts';
import * as watching from './monitor-notices.ts';
import * as breaking from './override-notices.ts';
import * as delivering from './release-notices.ts';

type Renderers = {
  readonly [K in Notice['kind']]: (notice: Extract<Notice, { kind: K }>, about: About) => NoticeMessage;
};

const RENDERERS: Renderers = {
  started: agreeing.started,
  blocked: agreeing.blocked,
  ready: agreeing.ready,
  approved: agreeing.approved,
  declined: agreeing.declined,
  withdrawn: agreeing.withdrawn,
  voided: agreeing.voided,
  closed: agreeing.closed,
  'next-in-queue': agreeing.nextInQueue,
  override: breaking.glassBroken,
  'debt-reminder': breaking.debtReminder,
  'debt-acknowledged': breaking.debtAcknowledged,
  'lock-stolen': breaking.lockStolen,
  releasing: delivering.releasing,
  released: delivering.released,
  deployed: delivering.deployed,
  'deploy-failed': delivering.deployFailed,
  'not-stopped': delivering.notStopped,
  health: delivering.health,
  report: delivering.report,
  trouble: delivering.trouble,
  recovered: delivering.recovered,
  watching: watching.watching,
  monitor: watching.monitor,
  'window-changed': watching.windowChanged,
  'user-report': watching.userReport,
  'rollback-started': watching.rollbackStarted,
  'rolled-back': watching.rolledBack,
  'rollback-failed': watching.rollbackFailed,
  shipped: watching.shipped,
};

/** One reply in the thread of a promotion: what happened, and what to do next when there is something to do. */
export function notice(said: Notice, about: About): NoticeMessage {
  const render = RENDERERS[said.kind] as ((said: Notice, about: About) => NoticeMessage) | undefined;
  // Stored by a newer version: a thread that stops at it would be worse than a gap.
  return render
    ? render(said, about)
    : content(['Something happened that this version of Slipway cannot show.']);
}
