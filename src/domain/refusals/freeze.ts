import { type Given, listed, type Maybe, type RefusalCatalogue } from './sentence.ts';

/**
 * What people meet when nothing may be shipped, and when the glass is broken. Owners are Slack ids and ends are
 * ms: whoever renders the refusal shows the facts `owner` and `until` as a person and a time.
 */
export const freezeRefusals = {
  frozen: ({ service, reason, breakers }: Given<'reason', 'service' | 'breakers' | 'owner' | 'until'>) => ({
    text: `${service ?? 'The service'} is frozen: ${reason}. Nothing was started.`,
    hint: `Wait until it is over. ${emergency(breakers)}`,
  }),
  stopped: ({ reason, breakers }: Given<'reason', 'service' | 'breakers' | 'owner' | 'until'>) => ({
    text: `Everything is stopped: ${reason}. Nothing was started.`,
    hint: `Wait until somebody says /ship-prod thaw all because … ${emergency(breakers)}`,
  }),
  'lock-held': ({ service, reason }: Given<'reason', 'service' | 'owner' | 'until'>) => ({
    text: `${service === '*' ? 'Everything is stopped' : `${service ?? 'The service'} is locked`} already: ${reason}. That lock was left as it is.`,
    hint:
      service === '*'
        ? 'To take it over, with your reason: /ship-prod freeze all "reason" --steal. Whoever has it is told.'
        : `To take it over, with your reason: /ship-prod lock ${service ?? 'SERVICE'} "reason" --steal. Whoever has it is told.`,
  }),
  'not-stopped': () => ({
    text: 'Nothing is stopped for all services, so there is nothing to thaw.',
    hint: 'Single services are unlocked with /ship-prod unlock SERVICE because …; freezes of the config end by themselves.',
  }),
  'override-nobody': ({ service }: Maybe<'service'>) => ({
    text: `Nobody may break the glass for ${service ?? 'this service'}: its configuration names no one for that.`,
    hint: 'Name people or groups under `permissions.override` in slipway.yaml, then restart Slipway.',
  }),
  'nothing-to-override': ({ service }: Maybe<'service'>) => ({
    text: `Nothing of what holds ${service ?? 'this promotion'} up is behind glass any more, so there is nothing to break.`,
    hint: 'Re-check on the card: it may go on by itself.',
  }),
  'not-breakable': ({ service, gates }: Given<'gates', 'service'>) => ({
    text: `Breaking the glass would not help ${service ?? 'here'}: ${listed(gates)} cannot be overridden.`,
    hint: 'The glass covers freezes, locks and the gates that the config allows; everything else has to pass.',
  }),
  'override-reason': () => ({
    text: 'Breaking the glass needs a reason that a second person can judge.',
    hint: 'Say what happens if nothing is shipped now.',
  }),
  'debt-settled': ({ service }: Maybe<'service'>) => ({
    text: `There is nothing to acknowledge for ${service ?? 'this promotion'}: somebody already has, or the glass was never broken.`,
  }),
  'debt-own': ({ service }: Maybe<'service'>) => ({
    text: `You broke the glass for ${service ?? 'this promotion'} yourself, so a second person has to acknowledge it.`,
    hint: 'Ask one of the approvers of the service.',
  }),
} satisfies RefusalCatalogue;

/** Absent: the policy names nobody. */
function emergency(breakers: string | number | readonly string[] | undefined): string {
  return breakers === undefined
    ? 'Nobody may break the glass here: `permissions.override` names no one.'
    : `In an emergency the glass can be broken, with a reason, by ${breakers}.`;
}
