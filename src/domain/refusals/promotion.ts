import type { Given, Maybe, RefusalCatalogue } from './sentence.ts';
import { listed } from './sentence.ts';

/** States in which the release may be live. */
const IN_PRODUCTION: readonly string[] = ['deploying', 'verifying', 'monitoring', 'shipped'];

/** Wishes about the window in which production is watched. */
const OF_THE_WATCH: readonly string[] = ['extend', 'hold', 'release-hold'];

/** What people meet while they start, approve, steer and roll back promotions. */
export const promotionRefusals = {
  'promotion-open': ({ service, promotion }: Maybe<'service' | 'promotion' | 'by' | 'state'>) => ({
    text: `${service ?? 'This service'} already has a promotion under way${promotion ? ` (${promotion})` : ''}. There is only ever one at a time.`,
    hint: 'Join the line to be told when it is over, or follow its thread.',
  }),
  'other-under-way': ({
    service = 'this service',
    version,
    state = '',
  }: Maybe<'service' | 'version' | 'state' | 'promotion' | 'thread'>) => ({
    text: `${version ? `${service} ${version}` : `Another promotion of ${service}`} is ${state ? inWords(state) : 'under way'}, and there is only ever one at a time. Nothing was rolled back.`,
    hint: inTheWay(String(state), String(service)),
  }),
  'promotion-unknown': ({ id }: Maybe<'id'>) => ({
    text: `There is no promotion ${id ?? 'with this id'}. It may belong to another installation, or its records were removed.`,
    hint: 'Look at /ship-prod status for the promotions that exist.',
  }),
  'promotion-moved-on': ({ state, service }: Maybe<'state' | 'service' | 'promotion'>) => ({
    text: `This promotion has moved on${state ? `: it is ${inWords(state)} now` : ''}, so that cannot be done any more. Nothing was changed.`,
    hint: IN_PRODUCTION.includes(String(state))
      ? `To undo a release: /ship-prod rollback ${service ?? 'SERVICE'}. The card shows what else can be done now.`
      : 'The card shows what can be done now.',
  }),
  'too-early': ({ state, what }: Maybe<'state' | 'what' | 'service'>) => ({
    text: `Not yet: ${OF_THE_WATCH.includes(String(what)) ? 'there is no window' : 'this promotion has not come that far'}${state ? `, it is ${inWords(state)}` : ''}. Nothing was changed.`,
    hint: 'The card shows what can be done now.',
  }),
  'promotion-not-open': ({ service }: Maybe<'service'>) => ({
    text: `${service ?? 'This service'} has no promotion under way, so there is nothing to act on.`,
    hint: 'Start one with /ship-prod.',
  }),
  'digest-changed': () => ({
    text: 'What would be shipped has changed since you saw it, so your answer was not counted.',
    hint: 'Read the card again: it shows what changed. Then approve or decline what it shows now.',
  }),
  'already-voted': ({ decision }: Given<'decision', 'by' | 'promotion' | 'service' | 'state'>) => ({
    text: `You have already ${decision === 'decline' ? 'declined' : 'approved'} exactly this. It counts once.`,
  }),
  'request-unproven': ({ service }: Maybe<'service'>) => ({
    text: `Who asked to ship ${service ?? 'this'}, or who decided about it, was changed in the database: the signed audit does not say the same. No vote counts here.`,
    hint: 'Cancel it and propose it again. Tell those who run Slipway: slipway audit verify shows what else was changed.',
  }),
  'self-approval': () => ({
    text: 'You asked for this promotion, so somebody else has to approve it.',
    hint: 'The card says who may approve.',
  }),
  'decider-approval': ({ service, what }: Maybe<'service' | 'what'>) => ({
    text: `You ${what === 'override' ? 'broke the glass' : 'chose the lower version'} for ${service ?? 'this promotion'} yourself, so somebody else has to approve it.`,
    hint: 'Ask another approver.',
  }),
  'own-lower-version': ({ service }: Maybe<'service'>) => ({
    text: `You asked for this version of ${service ?? 'the service'} yourself, so somebody else who may approve has to confirm that it is lower than the commits ask for.`,
    hint: 'Ask another approver, or choose the version that the commits ask for.',
  }),
  'author-approval': () => ({
    text: 'You wrote some of what would be shipped (or Slack does not tell your email address), so somebody else has to approve it.',
    hint: 'Ask an approver who wrote none of these commits.',
  }),
  'no-vote': () => ({
    text: 'There is no approval of yours to take back.',
    hint: 'The card names who approved.',
  }),
  'not-allowed': ({ action, who }: Given<'action', 'who' | 'service'>) => ({
    text: `You may not ${inVerbs(action)} here.${who ? ` Allowed: ${listed(who)}.` : ''} Nothing was changed.`,
    hint: 'Ask one of those who may, or have the policy of the service changed.',
  }),
  'person-not-full-member': () => ({
    text: 'Guests, deactivated users, bots and people from other workspaces cannot act on promotions, and see of them only what is in their channels.',
    hint: 'Ask a full member of this workspace.',
  }),
  'person-unknown': ({ user }: Maybe<'user'>) => ({
    text: `Slack does not know the user ${user ?? ''}.`.replace(' .', '.'),
    hint: 'Check the user ids in the policy of the service.',
  }),
  'group-unknown': ({ group }: Maybe<'group'>) => ({
    text: `The user group ${group ?? 'named in the policy'} does not exist in this workspace, or it was disabled. Until that is mended nobody counts as a member of it.`,
    hint: 'Check the name of the group in the policy of the service, or create the group in Slack.',
  }),
  // The owner is a Slack id: whoever renders the refusal shows the fact `owner` as a person.
  locked: ({ service, reason }: Maybe<'service' | 'reason' | 'owner' | 'until' | 'breakers'>) => ({
    text: `${service ?? 'The service'} is locked${reason ? `: ${reason}` : ''}.`,
    hint: `When the reason is gone: /ship-prod unlock ${service ?? 'SERVICE'} because …`,
  }),
  'not-locked': ({ service }: Maybe<'service'>) => ({
    text: `${service ?? 'The service'} is not locked, so there is nothing to unlock.`,
  }),
  'rollback-impossible': ({ service }: Maybe<'service'>) => ({
    text: `Nothing was live before on ${service ?? 'this service'}, so there is no release to go back to.`,
    hint: 'Ship a fix instead.',
  }),
  'nothing-shipped': ({ service }: Maybe<'service'>) => ({
    text: `${service ?? 'This service'} has never been shipped with Slipway, so there is nothing to roll back or to mend.`,
    hint: 'Look at /ship-prod history.',
  }),
  'release-unknown': ({ version, service }: Maybe<'version' | 'service'>) => ({
    text: `${service ?? 'The service'} has no release ${version ?? 'of that version'}.`,
    hint: 'Look at /ship-prod history for the releases that exist.',
  }),
  'button-unknown': () => ({
    text: 'This button is of an older version of Slipway, or was not made by it, and does nothing any more.',
    hint: 'Use the newest card of the service: /ship-prod status.',
  }),
} satisfies RefusalCatalogue;

/** What the policy calls by one word, as people say it. */
const VERBS: Readonly<Record<string, string>> = {
  start: 'start a promotion',
  rollback: 'roll back',
  accept: 'go on with an unhealthy production',
  override: 'break the glass',
  lock: 'lock or unlock',
};

/** What can be done about another promotion, so that a rollback can begin. */
function inTheWay(state: string, service: string): string {
  if (state === 'rolling-back') return 'Wait until it is over: its thread shows how it goes.';
  return IN_PRODUCTION.includes(state)
    ? 'Roll that one back, or wait until it is over: its thread shows how it goes.'
    : `Cancel it: /ship-prod cancel ${service}. Then roll back.`;
}

function inVerbs(action: string | number | readonly string[] | undefined): string {
  return action === undefined ? 'do this' : (VERBS[String(action)] ?? String(action));
}

function inWords(value: string | number | readonly string[]): string {
  return typeof value === 'object' ? value.join(', ') : String(value).replaceAll('-', ' ');
}
