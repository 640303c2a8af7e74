import { wishInWords } from '../text/wishes.ts';
import type { Given, Maybe, RefusalCatalogue, RefusalFacts, RefusalText } from './sentence.ts';

/** What people meet whose click is not what it says, too late, or not the first. */
export const clickRefusals = {
  'card-changed': () => ({
    text: 'The card has changed since you saw it, so your click was not counted. Nothing was changed.',
    hint: 'Look at the card again: it shows what is asked now.',
  }),
  // Who was first is a Slack id: whoever renders the refusal shows the fact `owner` as a person.
  'already-asked': ({ what, owner }: Maybe<'what' | 'service' | 'owner'>) => ({
    text:
      owner === undefined && what === 'hold'
        ? 'The window is held open already. Nothing was changed.'
        : owner === undefined && what === 'release-hold'
          ? 'Nobody holds the window open. Nothing was changed.'
          : `Somebody asked ${wishInWords(what)} before you. It counts once.`,
    hint: 'The card shows how it goes on.',
  }),
  'click-repeated': ({ became }: Maybe<'became'>) => repeated(became),
  'button-forged': () => ({
    text: 'This button was not made by this installation of Slipway for this workspace. Nothing was changed.',
    hint: 'Use the newest card of the service: /ship-prod status. If nobody restored a database lately, tell those who run Slipway: someone may be trying to forge clicks.',
  }),
  'button-misplaced': () => ({
    text: 'This button belongs to another promotion than the message it was pressed in. Nothing was changed.',
    hint: 'Use the card of the promotion that you mean: /ship-prod status.',
  }),
  'foreign-workspace': () => ({
    text: 'This came from another Slack workspace than the one Slipway serves. Nothing was changed.',
    hint: 'Ask a member of the workspace that owns this service.',
  }),
  'foreign-app': () => ({
    text: 'This came from another Slack app than Slipway. Nothing was changed.',
    hint: 'Use the buttons and commands of Slipway itself.',
  }),
  'lock-changed': ({ service }: Maybe<'service' | 'owner' | 'reason'>) => ({
    text: `${service ?? 'The service'} has another lock now than the one that you saw. It stays locked.`,
    hint: 'Read who locked it and why: /ship-prod status.',
  }),
  // The fact `owner` is shown as a person by whoever renders the refusal.
  'unlock-reason': ({ service, reason }: Given<'service', 'owner' | 'reason'>) => ({
    text: `${service === '*' ? 'Everything' : service} was locked by somebody else or after a rollback${reason ? ` (${reason})` : ''}: say why it may be shipped again. It stays locked.`,
    hint: `For example: /ship-prod ${service === '*' ? 'thaw all' : `unlock ${service}`} because the fix is on main`,
  }),
} satisfies RefusalCatalogue;

/** What became of a click when it arrived for the first time: `refused`, `failed`; else it counted, or counts just now. */
function repeated(became: RefusalFacts[string] | undefined): RefusalText {
  if (became === 'refused')
    return {
      text: 'This very click has arrived before, and was refused then. Nothing was changed.',
      hint: 'The answer to it said why.',
    };
  if (became === 'failed')
    return {
      text: 'This very click has arrived before, and something went wrong then: it may not have counted.',
      hint: 'Look at the card: it shows what counts. If yours is missing, press again.',
    };
  return {
    text: 'This very click has arrived before. It counts once: what it asks for was done then, or is being done now.',
  };
}
