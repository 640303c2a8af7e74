/** Every action that the audit knows by name, as it is said after the name of who did it. */
export const AUDIT_ACTIONS = {
  'promotion.opened': 'asked for a promotion',
  'promotion.blocked': 'found gates that do not pass',
  'promotion.recheck': 'asked for a re-check',
  'promotion.bump': 'chose another version',
  'promotion.agreed': 'found everything agreed',
  'promotion.withdrawn': 'stopped before the deploy, as what was approved no longer held',
  'promotion.retry': 'asked to try again',
  'promotion.cancel': 'asked to cancel',
  'promotion.cancelled': 'cancelled the promotion',
  'promotion.expired': 'let the promotion expire',
  'promotion.failed': 'ended the promotion as failed',
  'promotion.extend': 'asked for a longer watch',
  'promotion.hold': 'held the window open',
  'promotion.release-hold': 'released the hold',
  'promotion.accept': 'accepted it as it is',
  'promotion.hotfix': 'asked for a hotfix',
  'promotion.report': 'reported a problem',
  'promotion.override': 'asked to break the glass',
  'promotion.shipped': 'closed the watch, as shipped',
  'home.seen': 'opened the Home tab',
  'plan.seen': 'looked at the plan',
  'plan.ready': 'showed the plan for approval',
  'plan.changed': 'showed a changed plan for approval',
  'approval.given': 'approved',
  'approval.declined': 'declined',
  'approval.withdrawn': 'took the approval back',
  'approval.unproven': 'found a vote that nobody gave here',
  'release.cut': 'released',
  'release.refused': 'could not release',
  'release.published': 'wrote the release page',
  'staging.asked': 'looked at what is on staging',
  'staging.validated': 'recorded that staging is validated',
  'adoption.asked': 'looked at a release to adopt',
  'release.adopted': 'vouched for a release from before',
  'deployment.started': 'began to deploy',
  'deployment.succeeded': 'deployed',
  'deployment.failed': 'could not deploy',
  'deployment.not-stopped': 'could not stop the deployment',
  'health.checked': 'checked the health of production',
  'health.accepted': 'accepted a production that is not healthy',
  'production.turned': 'saw production change',
  'stage.finished': 'went on to the next share of the requests',
  'alarm.called': 'called people, as nobody had taken the alarm',
  'promotion.stop': 'stopped the rollback before it began',
  'promotion.take': 'took what nobody looked after',
  'report.committed': 'committed the ship report',
  'commit.made': 'made a commit of its own',
  'rollback.asked': 'was asked whether to roll back',
  'rollback.requested': 'asked for a rollback',
  'rollback.started': 'began to roll back',
  'rollback.failed': 'could not roll back',
  'rollback.impossible': 'had nothing to roll back to',
  'rollback.given-up': 'gave the rollback up',
  'rollback.finished': 'finished the rollback',
  'lock.taken': 'locked',
  'lock.stolen': 'took the lock over',
  'lock.released': 'unlocked',
  'queue.joined': 'joined the line',
  'offer.snoozed': 'snoozed an offer',
  'subscription.begun': 'asked for messages about own commits',
  'subscription.ended': 'wants no more messages about own commits',
  'sequence.planned': 'planned to ship',
  'sequence.cancelled': 'cancelled what was planned',
  'sequence.ended': 'ended what was planned',
  'override.asked': 'looked at what breaking the glass would override',
  'override.used': 'broke the glass',
  'debt.acknowledged': 'acknowledged the broken glass',
  'channel.moved': 'followed a channel to its new id',
  'config.changed': 'read a change of the configuration',
  'audit.seen': 'looked at the audit',
  'audit.key': 'began to sign the audit with a new key',
  'audit.restored': 'went on with the audit as it was found',
  'audit.taken-over': 'took over what it knew before it asked for proof',
} as const;

/** What people did at one of Slack's surfaces, by the surface: also when nothing came of it. */
type Surface = 'button' | 'form' | 'thread' | 'mention';

export type AuditAction = keyof typeof AUDIT_ACTIONS | 'command' | 'shortcut' | `${Surface}.${string}`;

/** Whether it is about a button, form or message as such, and not about what it was for. */
export function isAtSurface(action: string): boolean {
  return /^(button|form|thread|mention)\./.test(action);
}

/** `rollback.requested` → `asked for a rollback`. What nobody wrote words for is said as it is named. */
export function actionInWords(action: string): string {
  const words: Readonly<Record<string, string>> = AUDIT_ACTIONS;
  return (Object.hasOwn(words, action) ? words[action] : undefined) ?? action.replaceAll(/[._-]/g, ' ');
}
