import type { Maybe, RefusalCatalogue } from './sentence.ts';

/** What people meet whose click is not what it says, too late, or not the first. */
export const clickRefusals = {
  'card-changed': () => ({
    text: 'The card has changed since you saw it, so your click was not counted. Nothing was changed.',
    hint: 'Look at the card again: it shows what is asked now.',
  }),
  // Who was first is a Slack id: whoever renders the refusal shows the fact `owner` as a person.
  'already-asked': ({ what }: Maybe<'what' | 'service' | 'owner'>) => ({
    text: `This was asked for just before you${what ? ` (${String(what).replaceAll('-', ' ')})` : ''}. It counts once.`,
    hint: 'The card shows how it goes on.',
  }),
  'click-repeated': () => ({
    text: 'This very click has arrived before and was counted then.',
  }),
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
} satisfies RefusalCatalogue;
