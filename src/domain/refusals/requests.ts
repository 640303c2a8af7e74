import { wishInWords } from '../text/wishes.ts';
import type { Given, Maybe, RefusalCatalogue } from './sentence.ts';
import { listed } from './sentence.ts';

/** What people meet when they ask for something that cannot be had now. */
export const requestRefusals = {
  'service-unknown': ({ service, known, suggestion }: Given<'service' | 'known', 'suggestion'>) => ({
    text: `There is no service called ${service}.${suggestion ? ` Did you mean ${suggestion}?` : ''}`,
    hint: `Services: ${listed(known)}. They are named in slipway.yaml.`,
  }),
  'service-leaving': ({ service }: Given<'service'>) => ({
    text: `${service} is not in the configuration any more. It is here only until what is under way is over, so nothing new starts for it.`,
    hint: 'Whoever runs Slipway can bring it back in slipway.yaml. Under another name, ask for that one.',
  }),
  'service-missing': ({ known }: Given<'known'>) => ({
    text: 'Say which service.',
    hint: `Services: ${listed(known)}.`,
  }),
  'not-reader': ({ service, channel }: Given<'service' | 'channel'>) => ({
    text: `What happens to ${service} is shown only to members of ${named(channel)}.`,
    hint: `Join ${named(channel)}, then try again; if you are a guest, ask to be added to it. If you are in it, Slipway is not: \`/invite @Slipway\` there.`,
  }),
  'channel-by-name': ({ channel, found }: Given<'channel' | 'found'>) => ({
    text: `Each workspace of the organisation may have a channel called ${channel}, so Slipway does not go by that name.`,
    hint: `Whoever runs Slipway writes its id in slipway.yaml: ${
      listed(found) || 'Slack shows it in the details of the channel'
    }.`,
  }),
  'reads-nothing': ({ channels }: Given<'channels'>) => ({
    text: 'Releases are shown only to members of the channels in which they are shipped, and you are in none of them.',
    hint: `Join the channel of your service${namedOnes(channels)}, then try again; if you are a guest, ask to be added to it.`,
  }),
  'not-asked': ({ service, what }: Given<'service' | 'what'>) => ({
    text: `Nobody is asked ${wishInWords(what)} for ${service} now. Nothing was changed.`,
    hint: 'The card shows what can be done now.',
  }),
  'hotfix-not-asked': ({ service }: Given<'service'>) => ({
    text: `Nothing is wrong with production of ${service} as far as is known, so there is nothing to mend. The watch goes on.`,
    hint: 'What you see and Slipway does not: choose "Report a problem with this release" on a message of its thread.',
  }),
  'hotfix-critical': ({ service }: Given<'service'>) => ({
    text: `Production of ${service} is critical: a fix takes too long for that. Nothing was changed.`,
    hint: `Roll back first, with the button on the card or by /ship-prod rollback ${service}. That locks ${service}. Once the fix is validated on staging: /ship-prod unlock ${service} because …, then /ship-prod hotfix ${service}`,
  }),
  'fix-unknown': ({ fix, branch }: Given<'fix' | 'branch'>) => ({
    text: `The repository has no branch called ${fix}, and no commit of that name on ${branch}. Nothing was changed.`,
    hint: `Push it, or give the whole id of the commit. Leave it out for what ${branch} has now.`,
  }),
  'cancel-not-possible': ({ service, target }: Given<'service' | 'target'>) => ({
    text: `What is being deployed cannot be stopped by ${target}. Nothing was changed.`,
    hint: `To undo it: roll back, with the button on the card or by /ship-prod rollback ${service}.`,
  }),
  'not-rollbackable': ({ service, state }: Given<'service' | 'state'>) => ({
    text: `This promotion of ${service} is ${String(state).replaceAll('-', ' ')}: it has nothing in production that could be rolled back.`,
    hint: 'To return to an older release, roll back the promotion that is live: /ship-prod status names it.',
  }),
  'not-live': ({ service, version, live }: Given<'service' | 'version' | 'live'>) => ({
    text: `${service} ${version} is no longer what is live: that is ${live}. Nothing was rolled back.`,
    hint: `Roll back from the thread of ${live}, or name the version to return to: /ship-prod rollback ${service} VERSION.`,
  }),
  'reason-missing': ({ what }: Given<'what'>) => ({
    text: `A ${what} needs a reason that others understand at night.`,
    hint: `For example: /ship-prod ${what} ${what === 'freeze' ? 'all "incident 7"' : 'shop "database migration runs"'} 2h`,
  }),
  'duration-unclear': ({ given, word }: Given<'given' | 'word'>) => ({
    text: `"${given}" is not a time that Slipway understands. Nothing was changed.`,
    hint: `For example: /ship-prod ${word} shop "database migration runs" 2h. Also 30m, 1h 30m, 2 days; without a time it lasts until someone ends it.`,
  }),
  'nothing-to-wait-for': ({ service }: Given<'service'>) => ({
    text: `${service} has no promotion under way, so there is no line to wait in.`,
    hint: `Start yours: /ship-prod ${service}`,
  }),
  'command-unknown': ({ word, services, suggestion }: Given<'word' | 'services', 'suggestion'>) => ({
    text: `Slipway does not know "${word}".${suggestion ? ` Did you mean ${suggestion}?` : ''}`,
    hint: `Services: ${listed(services)}. All commands: /ship-prod help`,
  }),
  'option-unknown': ({ option, suggestion }: Given<'option', 'suggestion'>) => ({
    text: `Slipway does not know what "${option}" means here.${suggestion ? ` Did you mean ${suggestion}?` : ''}`,
    hint: 'For example: /ship-prod shop minor --feature 014-checkout --note "payday release"',
  }),
  'option-empty': ({ option }: Given<'option'>) => ({
    text: `${option} needs a value.`,
    hint: `For example: ${option} ${option === '--feature' ? '014-checkout' : '"payday release"'}`,
  }),
  'too-many-words': ({ words }: Given<'words'>) => ({
    text: `There is more than this command takes: "${listed(words)}".`,
    hint: 'See /ship-prod help. Words that belong together go into double quotes.',
  }),
  'service-twice': ({ service }: Given<'service'>) => ({
    text: `${service} is named twice. Nothing was started.`,
    hint: 'Name each service once, in the order in which they are to be shipped: /ship-prod shop api',
  }),
  'services-apart': ({ services }: Given<'services'>) => ({
    text: `${listed(services)} are shipped in different channels, so they cannot be shipped in one go. Nothing was started.`,
    hint: 'Start each of them by itself.',
  }),
  'services-many': ({ most }: Given<'most'>) => ({
    text: `At most ${most} services are shipped in one go. Nothing was started.`,
    hint: 'Name fewer of them, and the others later.',
  }),
  'option-for-one': ({ option }: Given<'option'>) => ({
    text: `${option} belongs to one service, and you named several. Nothing was started.`,
    hint: 'Leave it out, or start that service by itself: /ship-prod shop minor',
  }),
  'already-planned': ({ service }: Given<'service', 'owner'>) => ({
    text: `${service} is planned already. Nothing was changed.`,
    hint: `To plan it anew, cancel that first: /ship-prod schedule cancel ${service}. What is planned: /ship-prod schedule`,
  }),
  'not-planned': ({ service }: Given<'service'>) => ({
    text: `Nothing is planned for ${service}: there is nothing to cancel.`,
    hint: 'What is planned: /ship-prod schedule. A promotion that is under way: /ship-prod cancel SERVICE.',
  }),
  'offer-over': ({ service }: Given<'service'>) => ({
    text: `This offer of ${service} is not open any more. Nothing was changed.`,
    hint: `To ship it: /ship-prod ${service}`,
  }),
  'not-subscribed': ({ service }: Maybe<'service'>) => ({
    text: `You get no messages about your commits${service === undefined ? '' : ` of ${service} alone`}. Nothing was changed.`,
    hint: 'To get them: /ship-prod subscribe. To get none of any service: /ship-prod unsubscribe.',
  }),
  'address-unknown': () => ({
    text: 'Slack does not tell your e-mail address, so there is no telling which commits are yours. Nothing was changed.',
    hint: 'Have your address, or your account on the git host, named with your Slack id under `approvals.people` in slipway.yaml.',
  }),
  'plan-over': () => ({
    text: 'Nothing of this is left to be started, so there is nothing to cancel.',
    hint: 'A promotion that is under way is cancelled on its card, or by /ship-prod cancel SERVICE.',
  }),
  'time-missing': () => ({
    text: 'Say when.',
    hint: `For example: ${TIMES}`,
  }),
  'time-unclear': ({ given, suggestion }: Given<'given', 'suggestion'>) => ({
    text: `"${given}" is not a time that Slipway understands.${suggestion ? ` Did you mean ${suggestion}?` : ''} Nothing was changed.`,
    hint: `For example: ${TIMES}`,
  }),
  'time-of-day-missing': ({ given }: Given<'given'>) => ({
    text: `"${given}" says no time of day. Nothing was changed.`,
    hint: `For example: ${TIMES}`,
  }),
  'time-past': ({ given }: Given<'given'>) => ({
    text: `"${given}" is not ahead of us. Nothing was changed.`,
    hint: 'For another day, name it: tomorrow 9:00. To start now: /ship-prod shop',
  }),
  'time-too-far': ({ given, days }: Given<'given' | 'days'>) => ({
    text: `"${given}" is more than ${days} days ahead: nobody knows yet what is to be shipped then. Nothing was changed.`,
    hint: 'Plan it when it is nearer.',
  }),
  'time-skipped': ({ given, zone }: Given<'given' | 'zone'>) => ({
    text: `"${given}" does not exist in ${zone}: the clocks are put forward over it. Nothing was changed.`,
    hint: 'Take a time an hour later.',
  }),
  'time-twice': ({ given, zone }: Given<'given' | 'zone'>) => ({
    text: `"${given}" comes twice in ${zone}: the clocks are put back over it. Nothing was changed.`,
    hint: 'Take a time an hour earlier or later, or say how long until then: in 3h.',
  }),
  'freeze-none': ({ service }: Given<'service'>) => ({
    text: `${service} is not frozen now, so there is no freeze to wait for. Nothing was changed.`,
    hint: `Start it now: /ship-prod ${service}. Or at a time: /ship-prod schedule ${service} tomorrow 9:00`,
  }),
  'report-nowhere': () => ({
    text: 'This message does not belong to a release, so there is nowhere to report to.',
    hint: 'Use the shortcut on the card of the release or on a message in its thread.',
  }),
  'slack-refused': ({ code, name }: Given<'code' | 'name'>) => ({
    text: `Slack does not accept ${name} (${code}).`,
    hint:
      name === 'SLACK_APP_TOKEN'
        ? 'Create an app-level token (xapp-…) with the scope connections:write under "Basic Information" of the app and put it into SLACK_APP_TOKEN. slipway doctor checks it.'
        : 'Copy the "Bot User OAuth Token" (xoxb-…) from "OAuth & Permissions" of the app into SLACK_BOT_TOKEN; install the app again if it was removed. slipway doctor checks it.',
  }),
} satisfies RefusalCatalogue;

/** Times as people may write them. */
const TIMES =
  '/ship-prod schedule shop tomorrow 9:00. Also: today 14:30, monday 9am, 2026-12-24 9:00, 24 dec 9:00, in 2h, after the freeze';

/** A channel that the config gives by its id has no name that we know. */
function named(channel: string | number | readonly string[]): string {
  return String(channel).startsWith('#') ? String(channel) : 'its channel';
}

function namedOnes(channels: string | number | readonly string[]): string {
  const names = [channels].flat().filter((channel) => String(channel).startsWith('#'));
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
