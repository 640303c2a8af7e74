import type { OnCallPerson } from '../../adapters/on-call/port.ts';
import { acknowledgersInWords, mention } from '../../domain/policy/policy.ts';
import type { Called, CallStep } from '../../domain/promotion/alarm.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { asked } from './ask-live.ts';

const LONGEST_MS = 15_000;
const MOST_PEOPLE = 5;

/** Who is called now about an alarm that nobody has taken: those who approve, then whoever is on call. */
export function calledFor(run: PromotionRun, step: CallStep): Promise<Called> {
  return run.step('called', () => whoIsCalled(run.ports, step));
}

/** The same, asked now. */
export async function whoIsCalled(
  ports: Pick<Ports, 'service' | 'onCall' | 'people'>,
  step: CallStep,
): Promise<Called> {
  const approvers = { step: 'approvers', who: acknowledgersInWords(ports.service.policy) } as const;
  if (step === 'approvers' || ports.onCall === null) return approvers;
  const { onCall } = ports;
  const answer = await asked(LONGEST_MS, (signal) => onCall.people(signal));
  if (answer.kind === 'silence')
    return { ...approvers, problem: `${onCall.name} does not say who is on call: ${answer.why}.` };
  const people = await Promise.all(answer.value.slice(0, MOST_PEOPLE).map((one) => named(ports, one)));
  const who = [...onCall.ids.map(mention), ...people];
  if (who.length === 0) return { ...approvers, problem: `Nobody is on call by ${onCall.name}.` };
  return { step: 'on-call', who: who.join(', ') };
}

/** As a mention of the member with that address, else by name. */
async function named({ people }: Pick<Ports, 'people'>, { name, email }: OnCallPerson): Promise<string> {
  const member = email === undefined ? null : await people.byEmail(email.toLowerCase()).catch(() => null);
  // Only our own tokens may be shown as mentions.
  return member === null ? name.replaceAll(/[<>]/g, '') : mention(member);
}
