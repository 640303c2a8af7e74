import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HeadPlace } from '../../src/adapters/heads/port.ts';
import type { AuditHead } from '../../src/domain/audit/head.ts';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';
import { publishDue } from '../../src/jobs/publish-heads.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

const HOUR = 3_600_000;

/** A place that remembers what it was given, and can be away. */
class MemoryPlace implements HeadPlace {
  readonly name: string;
  readonly everyMs = HOUR;
  readonly held: AuditHead[] = [];
  readonly kept?: () => Promise<readonly AuditHead[]>;
  isAway = false;
  constructor(name: string, isReadable = true) {
    this.name = name;
    if (isReadable) this.kept = async () => this.held;
  }
  async publish(head: AuditHead): Promise<void> {
    if (this.isAway) throw new Unavailable(this.name, 'away');
    this.held.push(head);
  }
}

describe('publishing heads', () => {
  let now: number;
  let seq: number;
  let hash: string;
  let lines: { readonly level: number; readonly msg: string }[];
  let ledger: Parameters<typeof publishDue>[0]['ledger'];
  let own: MemoryPlace;
  let place: MemoryPlace;
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const replica = () => {
    const troubled = new Set<string>();
    return () => publishDue({ ledger, own, places: [place], now: () => now, log }, troubled);
  };

  beforeEach(() => {
    now = Date.UTC(2030, 0, 1);
    seq = 5;
    hash = 'a'.repeat(64);
    lines = [];
    own = new MemoryPlace('own');
    place = new MemoryPlace('place');
    const memory = new MemoryLedger(() => now);
    ledger = {
      auditHead: async () => ({ seq, hash, key: 'K', signature: 'S', at: now }),
      auditHash: async (asked) => (asked <= seq ? hash : null),
      tryOffer: (key, pauseMs) => memory.tryOffer(key, pauseMs),
      offerMade: (key) => memory.offerMade(key),
    };
  });

  it('is done by one of all replicas, once in the time of the place', async () => {
    const [first, second] = [replica(), replica()];
    await Promise.all([first(), second(), first(), second()]);
    expect(place.held.map((one) => one.seq)).toEqual([5]);
    seq = 6;
    now += 60_000;
    await second();
    expect(place.held).toHaveLength(1);
    now += HOUR;
    await Promise.all([first(), second()]);
    expect(place.held.map((one) => one.seq)).toEqual([5, 6]);
    expect(own.held.length).toBeGreaterThan(2);
  });

  it('is done again by another replica when the one that tried died or could not, and an outage is said once', async () => {
    const [first, second] = [replica(), replica()];
    place.isAway = true;
    for (let minute = 0; minute < 5; minute += 1) {
      await first();
      now += 60_000;
    }
    expect(lines.map(({ level }) => level)).toEqual([40]);
    place.isAway = false;
    await second();
    expect(place.held).toHaveLength(1);
    place.isAway = true;
    now += HOUR;
    await first();
    place.isAway = false;
    now += 60_000;
    await first();
    place.isAway = true;
    now += HOUR;
    await first();
    expect(lines.map(({ level }) => level)).toEqual([40, 40]);
  });

  it.each([
    [
      'cut off',
      () => {
        seq = 3;
      },
    ],
    [
      'written anew',
      () => {
        hash = 'b'.repeat(64);
      },
    ],
  ])('stops when the log was %s, and says so as an error', async (_what, attack) => {
    const look = replica();
    await look();
    attack();
    now += HOUR;
    await look();
    await look();
    expect(place.held.map((one) => one.seq)).toEqual([5]);
    expect(lines.filter(({ level }) => level === 50)).toHaveLength(2);
    expect(lines.map(({ msg }) => msg).join()).toContain('it was cut off or written anew');
  });

  it('does nothing while nothing is signed', async () => {
    ledger = { ...ledger, auditHead: async () => null };
    await replica()();
    expect([own.held, place.held]).toEqual([[], []]);
  });
});
