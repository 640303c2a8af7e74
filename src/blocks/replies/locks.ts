import { EVERYTHING, type Lock } from '../../domain/policy/lock.ts';
import {
  at,
  bold,
  bullets,
  code,
  type Inline,
  line,
  type Message,
  para,
  person,
  rich,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { answer } from './answer.ts';

/** A lock in force. */
export type LockView = Omit<Lock, 'since' | 'promotionId'> & Partial<Pick<Lock, 'since'>>;

/** A freeze of the config that is in force. */
export interface FreezeView {
  readonly service: string;
  readonly reason: string;
  readonly until?: number;
}

export function lockLine(lock: LockView): readonly Inline[] {
  const isAll = lock.service === EVERYTHING;
  return [
    '🔒 ',
    bold(isAll ? 'Everything' : lock.service, 100),
    isAll ? ', stopped by ' : ', locked by ',
    person(lock.owner),
    ': ',
    line(lock.reason || 'no reason given', 300),
    ...(lock.until === undefined
      ? [isAll ? ', until someone thaws it' : ', until someone unlocks it']
      : [', until ', at(lock.until)]),
  ];
}

export function freezeLine({ service, reason, until }: FreezeView): readonly Inline[] {
  const end: readonly Inline[] = until === undefined ? [] : [', until ', at(until)];
  return ['❄️ ', bold(service, 100), ': ', line(reason, 200), ...end];
}

/** Tells the channel of a new lock; `from` is the lock that it took over, `unheard` as in the command. */
export function locked(lock: LockView, from?: LockView | null, unheard?: string): Message {
  const isAll = lock.service === EVERYTHING;
  return answer(
    [
      ...lockLine(lock),
      isAll
        ? '. Nothing is started or deployed until then; what is being deployed already goes on.'
        : '. Nobody can ship it until then.',
      ...(from ? [' Taken over from ', person(from.owner), ' (', line(from.reason, 200), ').'] : []),
    ],
    withoutEnd(lock, unheard),
  );
}

/** Tells whoever locked how to end it, when the channel was told of the lock. */
export function lockDone(
  lock: LockView & { readonly promotionId?: string },
  unheard?: string | undefined,
): Message {
  const { service, promotionId } = lock;
  const isAll = service === EVERYTHING;
  return answer(
    [
      '🔒 Done, and said in the channel. To end it: ',
      code(
        isAll ? '/ship-prod thaw all' : `/ship-prod unlock ${service}${promotionId ? ' because …' : ''}`,
        150,
      ),
    ],
    withoutEnd(lock, unheard),
  );
}

/** What was typed like a time, and is a part of the reason. */
function withoutEnd({ service }: LockView, unheard: string | undefined): Inline[][] {
  if (unheard === undefined) return [];
  const typed = service === EVERYTHING ? 'freeze all' : `lock ${service}`;
  const how = code(`/ship-prod ${typed} "the reason" 2h`, 150);
  return [
    ['It has no end: “', line(unheard, 60), '” was not taken for a time. For an end put it last: ', how],
  ];
}

/** Tells the channel who took which lock off. */
export function unlockSaid(lock: LockView, by: string, because = ''): Message {
  const isAll = lock.service === EVERYTHING;
  return answer([
    '🔓 ',
    person(by),
    isAll ? ' thawed ' : ' unlocked ',
    bold(isAll ? 'everything' : lock.service, 100),
    ...(because.trim() === '' ? [] : [': ', line(because, 600)]),
    because.trim() === '' ? '. It was locked by ' : ' (it was locked by ',
    person(lock.owner),
    ': ',
    line(lock.reason || 'no reason given', 300),
    ...(because.trim() === '' ? [] : [')']),
  ]);
}

/** Tells whoever had the lock that it was taken over. */
export function lockTaken(lock: LockView, from: LockView): Message {
  const isAll = lock.service === EVERYTHING;
  return answer([
    '🔒 ',
    person(lock.owner),
    ' took your lock of ',
    bold(isAll ? 'everything' : lock.service, 100),
    ' over: ',
    line(lock.reason, 300),
    '. Yours was: ',
    line(from.reason, 300),
  ]);
}

/** Tells whoever unlocked which lock it was, and what still keeps people from shipping. */
export function unlocked(
  lock: LockView,
  still: readonly LockView[],
  freezes: readonly FreezeView[],
): Message {
  const isAll = lock.service === EVERYTHING;
  const held = [...still.map(lockLine), ...freezes.map(freezeLine)];
  const head: Inline[] = [
    '🔓 ',
    bold(isAll ? 'Everything' : lock.service, 100),
    isAll ? ' is thawed' : ' is unlocked',
    held.length === 0 && !isAll ? ' and can be shipped again.' : '.',
  ];
  const rest = held.length > 0 ? [para('In force all the same:'), bullets(held.slice(0, 20))] : [];
  return message([rich(para(...head), ...rest)]);
}
