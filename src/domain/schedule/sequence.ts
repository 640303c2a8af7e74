import { type AuditEntry, type AuditSource, byPerson } from '../audit/entry.ts';
import type { Promotion, PromotionRequest, PromotionState } from '../promotion/promotion.ts';
import { isOpen } from '../promotion/promotion.ts';
import { Refusal } from '../refusals/refusal.ts';
import type { RefusalFacts, RefusalText } from '../refusals/sentence.ts';
import { given } from '../text/given.ts';

/** What staging had validated of a service at some moment. */
export interface ValidatedBuild {
  readonly feature: string;
  /** As the state file has it. */
  readonly commit: string;
}

/** One service that a person wants to ship. */
export interface PlannedService extends Pick<PromotionRequest, 'service' | 'feature' | 'bump' | 'note'> {
  /** Its promotion will have this id, so that it is opened once, whoever opens it. */
  readonly promotionId: string;
  /** What was validated when it was asked for; absent: nothing was, or it could not be read. */
  readonly seen?: ValidatedBuild;
  /** What was validated when it was started, where that was something else. */
  readonly taken?: ValidatedBuild;
}

/** A message in Slack. */
export interface MessagePlace {
  /** Id of the channel. */
  readonly channel: string;
  readonly ts: string;
}

/** Why nothing more of it is started. */
export type SequenceEnd =
  | { readonly kind: 'done' }
  /** The promotion of this service ended otherwise than shipped. */
  | { readonly kind: 'stopped'; readonly service: string; readonly state: PromotionState | 'hotfix' }
  /** It could not be started, and why; older ones have no facts. */
  | ({ readonly kind: 'refused'; readonly service: string; readonly facts?: RefusalFacts } & RefusalText)
  /** It was not started in time: nobody was there, or `away` did not answer. */
  | { readonly kind: 'missed'; readonly away?: string }
  /** Slack user id. */
  | { readonly kind: 'cancelled'; readonly by: string };

/**
 * Services that a person wants to ship one after the other, now or at a time. The next one is started when the one
 * before is shipped: its watch is over. One service with a time is a sequence too.
 */
export interface Sequence {
  readonly id: string;
  /** Slack user id. */
  readonly by: string;
  readonly channel: string;
  readonly services: readonly PlannedService[];
  readonly createdAt: number;
  /** When it begins, ms since the epoch. Absent: at once, or when the freeze ends and nobody knows when that is. */
  readonly at?: number;
  readonly afterFreeze?: true;
  /** IANA zone in which the time was given. */
  readonly zone?: string;
  /** How many services were started. */
  readonly started: number;
  /** What did not answer when a service was to be started: "Slack". */
  readonly away?: string;
  readonly end?: SequenceEnd;
  /** What the person was told: `reminder`, `end`, `superseded:shop`. */
  readonly told?: readonly string[];
  /** Where it was asked for. */
  readonly source?: AuditSource;
  /** The message in the channel: when it was tried to post it, where it is, and what it shows. */
  readonly line?: { readonly triedAt: number; readonly place?: MessagePlace; readonly shows?: string };
}

/** A time that was missed by more is not made up for, ms. */
const TOLERANCE_MS = 15 * 60_000;
/** The person is reminded so long before, and only of what was planned at least twice as long before, ms. */
export const REMIND_MS = 10 * 60_000;

export type NextStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'remind'; readonly at: number }
  | { readonly kind: 'start'; readonly service: PlannedService }
  | { readonly kind: 'end'; readonly end: SequenceEnd };

/** What is to be done now. `promotions`: those of the services that were started, by id. `isFrozen`: a freeze is in force. */
export function nextStep(
  sequence: Sequence,
  promotions: ReadonlyMap<string, Promotion>,
  now: number,
  isFrozen: boolean,
): NextStep {
  const { services, started, at, afterFreeze, createdAt, away } = sequence;
  if (started > 0) return afterStart(sequence, promotions);
  const [first] = services;
  if (first === undefined) return { kind: 'end', end: { kind: 'done' } };
  // A freeze that was lifted is over, whenever it was to end.
  const isLifted = afterFreeze === true && !isFrozen;
  if (at !== undefined && now < at && !isLifted) {
    const isRemindable = at - createdAt >= 2 * REMIND_MS && now >= at - REMIND_MS;
    return isRemindable ? { kind: 'remind', at } : { kind: 'wait' };
  }
  if (afterFreeze && isFrozen) return { kind: 'wait' };
  if (at !== undefined && now - at > TOLERANCE_MS)
    return { kind: 'end', end: { kind: 'missed', ...(away === undefined ? {} : { away }) } };
  return { kind: 'start', service: first };
}

function afterStart({ services, started }: Sequence, promotions: ReadonlyMap<string, Promotion>): NextStep {
  for (const { service, promotionId } of services.slice(0, started)) {
    const promotion = promotions.get(promotionId);
    if (promotion === undefined || isOpen(promotion.state)) return { kind: 'wait' };
    const { state, data } = promotion;
    const isMended = data.accepted?.hotfix !== undefined;
    if (state !== 'shipped' || isMended)
      return { kind: 'end', end: { kind: 'stopped', service, state: isMended ? 'hotfix' : state } };
  }
  const next = services[started];
  return next === undefined ? { kind: 'end', end: { kind: 'done' } } : { kind: 'start', service: next };
}

/** Those that were not started. */
export function notStarted({ services, started }: Sequence): readonly PlannedService[] {
  return services.slice(started);
}

/** Whether what was validated is another build than the one that the person saw. */
export function isSuperseded(
  seen: ValidatedBuild | undefined,
  now: ValidatedBuild | null,
): now is ValidatedBuild {
  if (seen === undefined || now === null) return false;
  const [a, b] = [seen.commit, now.commit];
  return seen.feature !== now.feature || !(a.startsWith(b) || b.startsWith(a));
}

/** What is said of a service that `other` is to start. */
export function alreadyPlanned(service: string, other: Sequence | undefined): Refusal {
  return new Refusal('already-planned', {
    service,
    ...(other === undefined ? {} : { owner: other.by }),
  });
}

export function plannedAudit({ by, services, source, id, at }: Sequence): AuditEntry {
  const [first] = services;
  const detail = {
    sequence: id,
    services: services.map(({ service }) => service),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
  };
  return { ...byPerson(by, 'sequence.planned', detail), ...given({ service: first?.service, source }) };
}
