import type { Promotion } from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import {
  isSuperseded,
  type MessagePlace,
  nextStep,
  type PlannedService,
  type Sequence,
  type SequenceEnd,
} from '../../domain/schedule/sequence.ts';
import { given } from '../../domain/text/given.ts';
import { freezeAt, locksOn } from '../locks/barriers.ts';
import type { Caller, RequestContext } from '../requests/request.ts';
import { startPromotion } from '../requests/start.ts';
import { forEach } from '../run/for-each.ts';
import { freezeEnd, validatedBuild } from './plan.ts';

/** How long a process has for something that must not be done twice before another one tries, ms. */
const TRYING_MS = 30_000;
/** Stands for the reminder among what somebody was told. */
const REMINDER = 'reminder';

/** What the person who planned something is told, once each. */
export type SequenceNotice =
  | { readonly kind: 'reminder'; readonly at: number; readonly inTheWay: readonly string[] }
  | { readonly kind: 'superseded'; readonly planned: PlannedService }
  | { readonly kind: 'end'; readonly end: SequenceEnd };

/** Says things in Slack. Throws when Slack does not take it now; what it never takes is logged. */
export interface SequenceVoice {
  tell(sequence: Sequence, notice: SequenceNotice): Promise<void>;
  /** What the message in the channel would show now, to compare. */
  shows(sequence: Sequence, promotions: ReadonlyMap<string, Promotion>): string;
  /** The message that was posted for it by somebody who did not come to say so. */
  find(sequence: Sequence): Promise<MessagePlace | null>;
  /** Posts it, or brings the one at that place up to date; null where Slack never takes it. */
  post(
    sequence: Sequence,
    promotions: ReadonlyMap<string, Promotion>,
    place: MessagePlace | undefined,
  ): Promise<MessagePlace | null>;
}

/**
 * Goes on with everything that is planned: reminds, starts what is due, ends what cannot go on, and says so. Everything is
 * read from what is stored, so any process does it for any other, and does nothing twice.
 */
export async function advanceAll(requests: RequestContext, voice: SequenceVoice): Promise<void> {
  await forEach(await requests.ledger.unsettled(), (sequence) => advance(requests, voice, sequence));
}

export async function advance(
  requests: RequestContext,
  voice: SequenceVoice,
  planned: Sequence,
): Promise<void> {
  let sequence = planned;
  if (sequence.end === undefined) sequence = await step(requests, voice, sequence);
  if (sequence.end !== undefined && isNews(sequence))
    sequence = await tellOnce(requests, voice, sequence, 'end', { kind: 'end', end: sequence.end });
  for (const one of sequence.services.slice(0, sequence.started))
    if (one.taken)
      sequence = await tellOnce(requests, voice, sequence, `superseded:${one.service}`, {
        kind: 'superseded',
        planned: one,
      });
  await show(requests, voice, sequence);
}

/** Whoever cancelled it knows, and what was shipped has its card. */
function isNews({ end, by }: Sequence): boolean {
  return end !== undefined && end.kind !== 'done' && !(end.kind === 'cancelled' && end.by === by);
}

async function step(requests: RequestContext, voice: SequenceVoice, planned: Sequence): Promise<Sequence> {
  const freeze = await freezeOf(requests, planned);
  const sequence = await withFreeze(requests, planned, freeze);
  const promotions = await promotionsOf(requests, sequence);
  const next = nextStep(sequence, promotions, requests.now(), freeze !== null);
  switch (next.kind) {
    case 'wait':
      return sequence;
    case 'remind': {
      const inTheWay = await inTheWayOf(requests, sequence, next.at);
      return tellOnce(requests, voice, sequence, REMINDER, { kind: 'reminder', at: next.at, inTheWay });
    }
    case 'start':
      return start(requests, sequence, next.service);
    case 'end':
      return ended(requests, sequence, next.end);
  }
}

/** What a sequence that begins after a freeze waits for; null where it waits for none. */
async function freezeOf(
  { services }: RequestContext,
  { afterFreeze, services: planned }: Sequence,
): ReturnType<typeof freezeEnd> {
  const ports = services.get(planned[0]?.service ?? '');
  return afterFreeze === true && ports !== undefined ? freezeEnd(ports) : null;
}

/** The time of the end of a freeze that was made longer or shorter. */
async function withFreeze(
  requests: RequestContext,
  sequence: Sequence,
  freeze: Awaited<ReturnType<typeof freezeEnd>>,
): Promise<Sequence> {
  if (sequence.started > 0 || freeze === null || freeze.at === sequence.at) return sequence;
  // Its person is reminded of the new time as well.
  return changed(requests, sequence, ({ at: _before, told = [], ...now }) => ({
    ...now,
    ...freeze,
    told: told.filter((key) => key !== REMINDER),
  }));
}

/** What would keep the first service from being started then, as far as is known now. */
async function inTheWayOf(
  { services }: RequestContext,
  sequence: Sequence,
  at: number,
): Promise<readonly string[]> {
  const ports = services.get(sequence.services[0]?.service ?? '');
  if (!ports) return [];
  const locks = (await locksOn(ports)).filter(({ until }) => until === undefined || until > at);
  const freeze = freezeAt(ports.service, at);
  const open = await ports.ledger.openFor(ports.service.name);
  return [
    ...[...locks, ...(freeze ? [freeze] : [])].map(({ words }) => words),
    ...(open ? ['A promotion of it is under way'] : []),
  ];
}

/** The freeze that will be in force by the config when it is to begin; null when there is none, or it waits for its end. */
export function frozenThen(
  { services }: RequestContext,
  { at, afterFreeze, services: [first] }: Sequence,
): string | null {
  const ports = services.get(first?.service ?? '');
  if (at === undefined || afterFreeze || ports === undefined) return null;
  return freezeAt(ports.service, at)?.words ?? null;
}

async function promotionsOf(
  { ledger }: RequestContext,
  { services, started }: Sequence,
): Promise<ReadonlyMap<string, Promotion>> {
  const found = await Promise.all(services.slice(0, started).map((one) => opened(ledger, one.promotionId)));
  return new Map(found.flatMap((one) => (one ? [[one.id, one]] : [])));
}

function opened(ledger: RequestContext['ledger'], id: string): Promise<Promotion | null> {
  return ledger.get(id).catch(whenRefused(null, 'promotion-unknown'));
}

/**
 * Starts a service as its person would by `/ship-prod`: rights, locks, freezes and gates are looked at now. A refusal ends
 * the sequence.
 */
async function start(
  requests: RequestContext,
  sequence: Sequence,
  planned: PlannedService,
): Promise<Sequence> {
  const { id, by, channel, started } = sequence;
  const { promotionId, seen, taken: _taken, ...wish } = planned;
  const ports = requests.services.get(planned.service);
  const build = seen && ports ? await validatedBuild(ports, wish, by) : null;
  if ((await opened(requests.ledger, promotionId)) === null) {
    // Opened twice it would be one promotion all the same; so the audit has one row of it.
    if (!(await requests.ledger.tryOffer(`start:${id}:${started}`, TRYING_MS))) return sequence;
    const caller: Caller = { user: by, via: 'schedule', channel, key: `${id}:${started}` };
    try {
      await startPromotion(requests, caller, { ...wish, id: promotionId });
    } catch (error) {
      if (error instanceof Unavailable && sequence.away !== error.what)
        await changed(requests, sequence, (now) => ({ ...now, away: error.what }));
      if (!(error instanceof Refusal)) throw error;
      const { facts } = error;
      const end = { kind: 'refused', service: planned.service, ...explain(error), facts } as const;
      return ended(requests, sequence, end);
    }
  }
  return changed(requests, sequence, (now) => ({
    ...now,
    started: Math.max(now.started, started + 1),
    services: now.services.map((one) =>
      one.promotionId === promotionId && isSuperseded(seen, build) ? { ...one, taken: build } : one,
    ),
  }));
}

async function ended(requests: RequestContext, sequence: Sequence, end: SequenceEnd): Promise<Sequence> {
  const service = sequence.services[sequence.started]?.service;
  const stored = await requests.ledger.changeSequence(sequence.id, (now) => {
    if (now.end) return null;
    const services = now.services.map((one) => one.service);
    const detail = { sequence: sequence.id, by: sequence.by, services, ...end };
    const row = { actor: 'slipway', action: 'sequence.ended', result: 'done' } as const;
    return { sequence: { ...now, end }, audit: { ...row, ...given({ service }), detail } };
  });
  return stored ?? sequence;
}

async function changed(
  { ledger }: RequestContext,
  sequence: Sequence,
  change: (now: Sequence) => Sequence,
): Promise<Sequence> {
  return (await ledger.changeSequence(sequence.id, (now) => ({ sequence: change(now) }))) ?? sequence;
}

/** A crash right after it was told tells it again: nobody can look for it in somebody's own messages. */
async function tellOnce(
  requests: RequestContext,
  voice: SequenceVoice,
  sequence: Sequence,
  key: string,
  notice: SequenceNotice,
): Promise<Sequence> {
  if (sequence.told?.includes(key)) return sequence;
  if (!(await requests.ledger.tryOffer(`tell:${sequence.id}:${key}`, TRYING_MS))) return sequence;
  await voice.tell(sequence, notice);
  return changed(requests, sequence, (now) => ({ ...now, told: [...(now.told ?? []), key] }));
}

/** Brings the message in the channel up to date, and settles what is over once it shows that. */
async function show(requests: RequestContext, voice: SequenceVoice, sequence: Sequence): Promise<void> {
  const { ledger } = requests;
  const promotions = await promotionsOf(requests, sequence);
  const shows = voice.shows(sequence, promotions);
  const isTold = !isNews(sequence) || sequence.told?.includes('end') === true;
  const isSettled = sequence.end !== undefined && isTold;
  if (sequence.line?.shows === shows) {
    if (isSettled) await ledger.changeSequence(sequence.id, (now) => ({ sequence: now, isSettled }));
    return;
  }
  const triedAt = requests.now();
  const isPosted = sequence.line?.place !== undefined;
  if (!(await ledger.tryOffer(`line:${sequence.id}${isPosted ? `:${shows}` : ''}`, TRYING_MS))) return;
  const lost = sequence.line !== undefined && !isPosted && sequence.line.shows === undefined;
  if (sequence.line === undefined)
    await changed(requests, sequence, (now) => ({ ...now, line: { triedAt, ...now.line } }));
  const known = lost ? ((await voice.find(sequence)) ?? undefined) : sequence.line?.place;
  const place = await voice.post(sequence, promotions, known);
  await ledger.changeSequence(sequence.id, (now) => ({
    sequence: { ...now, line: { triedAt, shows, ...given({ place: place ?? undefined }) } },
    isSettled: isSettled && now.end !== undefined,
  }));
}
