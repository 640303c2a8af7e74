import { frozenAt } from '../../domain/policy/freeze.ts';
import type { Lock } from '../../domain/policy/lock.ts';
import { EVERYTHING } from '../../domain/policy/lock.ts';
import { hasOverriders, whoInWords } from '../../domain/policy/policy.ts';
import type { Service } from '../../domain/policy/service.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import type { Ports } from '../run/ports.ts';

/** What keeps a service from being shipped now, and what people may break the glass over. */
export interface Barrier {
  readonly kind: 'freeze' | 'lock' | 'stop';
  /** Names exactly this freeze or lock: another one, or this one made longer, is another barrier. */
  readonly key: string;
  /** `Frozen: weekend`; raw text. */
  readonly words: string;
  /** Why; raw text. */
  readonly reason: string;
  /** Slack user id, or `slipway`; a freeze has no owner. */
  readonly owner?: string;
  /** ms since the epoch; absent: until somebody ends it. */
  readonly until?: number;
}

type Needed = Pick<Ports, 'service' | 'ledger' | 'clock'>;

/** The freeze that is in force by the config. */
export function freezeOf({ service, clock }: Pick<Needed, 'service' | 'clock'>): Barrier | null {
  return freezeAt(service, clock.now());
}

/** The freeze that will be in force then by the config, ms since the epoch. */
export function freezeAt({ policy }: Service, at: number): Barrier | null {
  const freeze = frozenAt(policy.freeze, at);
  if (freeze === null) return null;
  const { reason, until } = freeze;
  // By its end: whatever makes it longer makes it another freeze.
  const end = until === undefined ? 'endless' : new Date(until).toISOString();
  return { kind: 'freeze', key: `freeze:${end}`, words: `Frozen: ${reason}`, reason, ...given({ until }) };
}

/** The lock of the service, and the one that stops everything. */
export async function locksOn({
  service,
  ledger,
}: Pick<Needed, 'service' | 'ledger'>): Promise<readonly Barrier[]> {
  const locks = await Promise.all([ledger.lockOf(EVERYTHING), ledger.lockOf(service.name)]);
  return locks.filter((lock) => lock !== null).map(lockBarrier);
}

/** Everything that keeps the service from being shipped, what weighs most first. */
export async function barriersOf(ports: Needed): Promise<readonly Barrier[]> {
  const freeze = freezeOf(ports);
  return [...(await locksOn(ports)), ...(freeze ? [freeze] : [])];
}

const REFUSED_WITH = { stop: 'stopped', lock: 'locked', freeze: 'frozen' } as const;

/** What a person who wants to ship is told: `stopped`, `locked` or `frozen`, with who, why and until when. */
export function barrierRefusal(barrier: Barrier, { name: service, policy }: Service): Refusal {
  const { kind, reason, owner, until } = barrier;
  const breakers = hasOverriders(policy) ? whoInWords(policy.override) : undefined;
  return new Refusal(REFUSED_WITH[kind], { service, reason, ...given({ breakers, owner, until }) });
}

function lockBarrier({ service, owner, reason, since, until }: Lock): Barrier {
  const isAll = service === EVERYTHING;
  return {
    kind: isAll ? 'stop' : 'lock',
    key: `lock:${service}:${new Date(since).toISOString()}`,
    words: isAll ? `Everything is stopped: ${reason}` : `Locked: ${reason}`,
    reason,
    owner,
    ...given({ until }),
  };
}
