import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FreezeRule } from '../../../src/domain/policy/freeze.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import type { Sequence } from '../../../src/domain/schedule/sequence.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { RequestContext } from '../../../src/flows/requests/request.ts';
import { startPromotion } from '../../../src/flows/requests/start.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import {
  advanceAll,
  frozenThen,
  type SequenceNotice,
  type SequenceVoice,
} from '../../../src/flows/schedule/advance.ts';
import { cancelSequence, plannedSequences, sequenceWith } from '../../../src/flows/schedule/cancel.ts';
import { type PlanRequest, planSequence } from '../../../src/flows/schedule/plan.ts';
import { freshDatabase, type TestDatabase } from '../../engine/database.ts';
import { House } from '../house.ts';
import { refused } from '../locks/town.ts';

/** The house's clock begins on Monday, 7 January 2030, at 10:00 UTC. */
const START = Date.UTC(2030, 0, 7, 10);
const HOUR = 3_600_000;
const MINUTE = 60_000;
const FREEZE: FreezeRule = {
  name: 'audit',
  zone: 'UTC',
  span: { kind: 'dates', from: '2030-01-07T09:00', to: '2030-01-07T15:00' },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** Two services, the ledger on PostgreSQL, and a Slack that only remembers. */
class Place {
  readonly house = new House({}, MINUTE);
  now = START;
  readonly told: { readonly to: string; readonly notice: SequenceNotice }[] = [];
  /** What the messages in the channel say, by their ts. */
  readonly lines = new Map<string, Sequence>();
  /** Slack takes the message, and nobody comes to write that down. */
  diesAfterPost = false;
  ids = 0;
  readonly services: Map<string, Ports>;
  requests: RequestContext;

  constructor() {
    this.services = new Map(['shop', 'api', 'far'].map((name) => [name, this.portsOf(name)]));
    this.requests = this.process();
  }

  /** As another process sees it: nothing is remembered but what is stored. */
  process(): RequestContext {
    const ledger = createLedger({ pool: database.pool, now: () => this.now });
    for (const [name, ports] of this.services) this.services.set(name, { ...ports, ledger });
    this.requests = this.house.requests({
      services: this.services,
      ledger,
      now: () => this.now,
      newId: (name) => `${name}-${++this.ids}-${Math.random()}`,
    });
    return this.requests;
  }

  private portsOf(name: string): Ports {
    const { ports } = this.house;
    const service = { ...ports.service, name, channel: name === 'far' ? '#far' : '#ship' };
    return { ...ports, service, clock: { ...ports.clock, now: () => this.now } };
  }

  freeze(...rules: readonly FreezeRule[]): void {
    for (const [name, ports] of this.services) {
      const policy = { ...ports.service.policy, freeze: rules };
      this.services.set(name, { ...ports, service: { ...ports.service, policy } });
    }
  }

  readonly voice: SequenceVoice = {
    tell: async ({ by }, notice) => void this.told.push({ to: by, notice }),
    shows: (sequence, promotions) =>
      JSON.stringify([
        sequence.end ?? null,
        sequence.started,
        [...promotions.values()].map(({ state }) => state),
      ]),
    find: async ({ id }) => {
      const [ts] = [...this.lines].find(([, line]) => line.id === id) ?? [];
      return ts === undefined ? null : { channel: 'C1', ts };
    },
    post: async (sequence, _promotions, place) => {
      const ts = place?.ts ?? String(this.lines.size + 1);
      this.lines.set(ts, sequence);
      if (this.diesAfterPost) throw new Error('killed');
      return { channel: 'C1', ts };
    },
  };

  plan(wish: readonly string[] | PlanRequest, when?: string, user = 'U_ADA'): Promise<Sequence> {
    const request = Array.isArray(wish)
      ? { services: wish.map((service: string) => ({ service, bump: 'auto' as const })) }
      : (wish as PlanRequest);
    return planSequence(this.requests, this.caller(user), {
      ...request,
      ...(when === undefined ? {} : { when: when.split(' ') }),
    });
  }

  caller(user: string) {
    return { user, via: 'command', key: `${user}:${++this.ids}` };
  }

  look(): Promise<void> {
    return advanceAll(this.requests, this.voice);
  }

  async wait(ms: number): Promise<void> {
    this.now += ms;
    await this.look();
  }

  async promotions(): Promise<readonly string[]> {
    const all = await this.requests.ledger.recent({ limit: 20 });
    return all.toReversed().map(({ service, state }) => `${service} ${state}`);
  }

  async end(service: string, state: Promotion['state'], data: Promotion['data'] = {}): Promise<void> {
    const [promotion] = await this.requests.ledger.recent({ service, limit: 1 });
    await this.requests.ledger.change(promotion?.id ?? '', { to: state, data });
    await this.wait(MINUTE);
  }

  ends() {
    return this.told.flatMap(({ notice }) => (notice.kind === 'end' ? [notice.end] : []));
  }
}

let place: Place;
beforeEach(async () => {
  await database.pool.query(
    'truncate slipway.promotions, slipway.sequences, slipway.planned_services, slipway.locks, slipway.offers, slipway.once cascade',
  );
  place = new Place();
});

describe('several services in order', () => {
  it('starts the next one when the one before is shipped, after its watch', async () => {
    await place.plan(['shop', 'api']);
    await place.look();
    expect(await place.promotions()).toEqual(['shop checking']);
    await place.end('shop', 'monitoring');
    expect(await place.promotions()).toEqual(['shop monitoring']);
    await place.end('shop', 'shipped');
    expect(await place.promotions()).toEqual(['shop shipped', 'api checking']);
    const [api] = await place.requests.ledger.recent({ service: 'api', limit: 1 });
    expect(api?.request).toMatchObject({ service: 'api', by: 'U_ADA' });
    await place.end('api', 'shipped');
    await place.wait(MINUTE);
    expect([...place.lines.values()].map(({ end }) => end)).toEqual([{ kind: 'done' }]);
    expect(await place.requests.ledger.unsettled()).toEqual([]);
    expect(place.told).toEqual([]);
  });

  it.each(['cancelled', 'failed', 'rolled-back', 'expired'] as const)(
    'starts nothing more when one is %s, and says so to whoever asked',
    async (state) => {
      await place.plan(['shop', 'api']);
      await place.look();
      await place.end('shop', state);
      await place.wait(HOUR);
      expect(await place.promotions()).toEqual([`shop ${state}`]);
      expect(place.ends()).toEqual([{ kind: 'stopped', service: 'shop', state }]);
      expect(place.told[0]?.to).toBe('U_ADA');
      // The services can be planned anew.
      await expect(place.plan(['api'], 'in 2h')).resolves.toMatchObject({ by: 'U_ADA' });
    },
  );

  it('starts nothing more while an earlier one is being mended', async () => {
    await place.plan(['shop', 'api']);
    await place.look();
    await place.end('shop', 'shipped', {
      accepted: { by: 'U_GRACE', verdict: 'warning', what: [], hotfix: 'shop-9' },
    });
    expect(place.ends()).toEqual([{ kind: 'stopped', service: 'shop', state: 'hotfix' }]);
  });

  it('ends when the next one cannot be started, with the reason', async () => {
    await place.plan(['shop', 'api']);
    await place.look();
    await place.requests.ledger.lock({ service: 'api', owner: 'U_LINUS', reason: 'migration' });
    await place.end('shop', 'shipped');
    expect(place.ends()).toMatchObject([
      { kind: 'refused', service: 'api', text: expect.stringContaining('migration') },
    ]);
    expect(await place.promotions()).toEqual(['shop shipped']);
  });

  it('does not take the promotion of somebody else for its own where its first try came to nothing', async () => {
    await place.plan(['shop', 'api']);
    const { ledger } = place.requests;
    const away = () => Promise.reject(new Unavailable('the database', 'it restarts'));
    place.requests = { ...place.requests, ledger: { ...ledger, open: away } };
    await place.look().catch(() => undefined);
    place.requests = { ...place.requests, ledger };
    await startPromotion(place.requests, place.caller('U_LINUS'), { service: 'shop', bump: 'auto' });
    await place.wait(MINUTE);
    expect(place.ends()).toMatchObject([{ kind: 'refused', service: 'shop' }]);
  });

  it.each([
    [['shop', 'shop'], 'service-twice'],
    [['shop', 'far'], 'services-apart'],
    [['shop', 'apii'], 'service-unknown'],
    [Array.from({ length: 11 }, (_, at) => `s${at}`), 'services-many'],
  ])('refuses %s before anything starts: %s', async (services, code) => {
    expect((await refused(place.plan(services))).code).toBe(code);
    await place.look();
    expect(await place.promotions()).toEqual([]);
    expect(await place.requests.ledger.unsettled()).toEqual([]);
  });

  it('refuses what this person may not start, or cannot be started now', async () => {
    const api = place.services.get('api') as Ports;
    const policy = { ...api.service.policy, start: { users: ['U_GRACE'], groups: [] } };
    place.services.set('api', { ...api, service: { ...api.service, policy } });
    expect(await refused(place.plan(['shop', 'api']))).toMatchObject({
      code: 'not-allowed',
      facts: { service: 'api' },
    });
    await place.plan(['shop', 'api'], undefined, 'U_GRACE');
    await place.look();
    expect((await refused(place.plan(['shop']))).code).toBe('promotion-open');
    expect(await refused(place.plan(['api'], 'in 2h', 'U_GRACE'))).toMatchObject({
      code: 'already-planned',
      facts: { service: 'api', owner: 'U_GRACE' },
    });
  });

  it('is cancelled by whoever planned it or may start it; what is under way goes on', async () => {
    const { id } = await place.plan(['shop', 'api']);
    await place.look();
    await cancelSequence(place.requests, place.caller('U_GRACE'), id);
    await place.end('shop', 'shipped');
    expect(await place.promotions()).toEqual(['shop shipped']);
    expect(place.ends()).toEqual([{ kind: 'cancelled', by: 'U_GRACE' }]);
    expect((await refused(cancelSequence(place.requests, place.caller('U_ADA'), id))).code).toBe('plan-over');
    expect(await plannedSequences(place.requests)).toEqual([]);
  });

  it('is told in one message, also when the process dies right after it was posted', async () => {
    await place.plan(['shop', 'api']);
    place.diesAfterPost = true;
    await expect(place.look()).rejects.toThrow('killed');
    place.diesAfterPost = false;
    place.process();
    await place.wait(MINUTE);
    expect([...place.lines.keys()]).toEqual(['1']);
    expect(await place.promotions()).toEqual(['shop checking']);
  });

  it('starts one promotion however many processes look at once', async () => {
    await place.plan(['shop', 'api']);
    await Promise.all([place.look(), place.look(), place.look(), place.look()]);
    expect(await place.promotions()).toEqual(['shop checking']);
    const [{ id: promotionId } = { id: '' }] = await place.requests.ledger.recent({ limit: 1 });
    const trail = await place.requests.ledger.auditTrail({ promotionId, limit: 20 });
    expect(trail.filter(({ action }) => action === 'promotion.opened')).toHaveLength(1);
  });
});

describe('a service at a time', () => {
  it('is reminded of, and started then, once, whichever process is there', async () => {
    const planned = await place.plan(['shop'], 'today 12:00');
    expect(planned).toMatchObject({ at: START + 2 * HOUR, zone: 'UTC' });
    await place.wait(HOUR + 45 * MINUTE);
    expect(place.told).toEqual([]);
    await place.wait(6 * MINUTE);
    expect(place.told).toEqual([
      { to: 'U_ADA', notice: { kind: 'reminder', at: START + 2 * HOUR, inTheWay: [] } },
    ]);
    place.process();
    await place.wait(8 * MINUTE);
    expect(await place.promotions()).toEqual([]);
    await place.wait(MINUTE);
    await place.wait(MINUTE);
    expect(await place.promotions()).toEqual(['shop checking']);
    expect(place.told).toHaveLength(1);
    const [promotion] = await place.requests.ledger.recent({ limit: 1 });
    expect(promotion?.request.overrides).toBeUndefined();
    expect(await place.requests.ledger.approvals(promotion?.id ?? '')).toEqual([]);
  });

  it('says in the reminder what would be in the way', async () => {
    await place.plan(['shop'], 'in 2h');
    await place.requests.ledger.lock({ service: 'shop', owner: 'U_LINUS', reason: 'migration' });
    await place.wait(HOUR + 51 * MINUTE);
    expect(place.told[0]?.notice).toMatchObject({ inTheWay: ['Locked: migration'] });
    await place.wait(10 * MINUTE);
    expect(place.ends()).toMatchObject([{ kind: 'refused', service: 'shop' }]);
  });

  it('says of a freeze that will be in force then, when it is planned and in the reminder', async () => {
    const span = { ...FREEZE.span, from: '2030-01-07T11:55' } as typeof FREEZE.span;
    place.freeze({ ...FREEZE, span });
    const planned = await place.plan(['shop'], 'today 12:00');
    expect(frozenThen(place.requests, planned)).toBe('Frozen: audit');
    expect(frozenThen(place.requests, { ...planned, at: START + HOUR })).toBeNull();
    await place.wait(HOUR + 51 * MINUTE);
    expect(place.told[0]?.notice).toMatchObject({ inTheWay: ['Frozen: audit'] });
    await place.wait(10 * MINUTE);
    expect(place.ends()).toMatchObject([{ kind: 'refused', facts: { reason: 'audit' } }]);
  });

  it('names what did not answer for so long that it is not started any more', async () => {
    await place.plan(['shop'], 'in 2h');
    await place.wait(2 * HOUR - MINUTE);
    const { profile } = place.house.people;
    place.house.people.profile = () => Promise.reject(new Unavailable('Slack', 'answered 503'));
    for (let minute = 0; minute < 17; minute += 1) await place.wait(MINUTE).catch(() => undefined);
    expect(place.ends()).toEqual([{ kind: 'missed', away: 'Slack' }]);
    place.house.people.profile = profile;
    await place.wait(MINUTE);
    expect(await place.promotions()).toEqual([]);
  });

  it('is started when what did not answer is back in time', async () => {
    await place.plan(['shop'], 'in 2h');
    const { profile } = place.house.people;
    place.house.people.profile = () => Promise.reject(new Unavailable('Slack', 'answered 503'));
    await expect(place.wait(2 * HOUR)).rejects.toThrow('Slack');
    place.house.people.profile = profile;
    await place.wait(5 * MINUTE);
    expect(await place.promotions()).toEqual(['shop checking']);
    expect(place.ends()).toEqual([]);
  });

  it('is seen and cancelled when a service of it is not configured any more', async () => {
    const { id } = await place.plan(['api', 'shop'], 'in 2h');
    place.services.delete('api');
    const [seen] = await plannedSequences(place.requests);
    expect(seen?.services.map(({ service }) => service)).toEqual(['shop']);
    expect((await sequenceWith(place.requests, 'shop')).id).toBe(id);
    await cancelSequence(place.requests, place.caller('U_ADA'), id);
    await expect(place.plan(['shop'], 'in 2h')).resolves.toMatchObject({ by: 'U_ADA' });
  });

  it('is started a little late when nobody was there, and later not at all', async () => {
    await place.plan(['shop'], 'in 2h');
    await place.plan(['api'], 'in 1h');
    await place.wait(2 * HOUR + 14 * MINUTE);
    expect(await place.promotions()).toEqual(['shop checking']);
    expect(place.ends()).toEqual([{ kind: 'missed' }]);
    await place.wait(HOUR);
    expect(place.ends()).toHaveLength(1);
  });

  it('asks for rights at that time', async () => {
    await place.plan(['shop'], 'in 2h');
    const shop = place.services.get('shop') as Ports;
    const policy = { ...shop.service.policy, start: { users: ['U_GRACE'], groups: [] } };
    place.services.set('shop', { ...shop, service: { ...shop.service, policy } });
    await place.wait(2 * HOUR);
    expect(await place.promotions()).toEqual([]);
    expect(place.ends()).toMatchObject([{ kind: 'refused', text: expect.stringContaining('may') }]);
  });

  it('reads the time in the zone of the person', async () => {
    place.house.people.profiles.set('U_ADA', {
      id: 'U_ADA',
      name: 'Ada',
      deleted: false,
      bot: false,
      restricted: false,
      zone: 'Asia/Tokyo',
    });
    expect(await place.plan(['shop'], 'tomorrow 9:00')).toMatchObject({
      at: Date.UTC(2030, 0, 8),
      zone: 'Asia/Tokyo',
    });
  });

  it('begins after a freeze, whenever that is over', async () => {
    expect((await refused(place.plan(['shop'], 'after the freeze'))).code).toBe('freeze-none');
    place.freeze(FREEZE);
    expect(await place.plan(['shop'], 'after the freeze')).toMatchObject({ at: START + 5 * HOUR });
    await place.wait(5 * HOUR - MINUTE);
    expect(place.told.splice(0)).toMatchObject([{ notice: { kind: 'reminder', at: START + 5 * HOUR } }]);
    place.freeze({ ...FREEZE, span: { ...FREEZE.span, to: '2030-01-07T16:00' } as typeof FREEZE.span });
    await place.wait(MINUTE);
    expect(await place.promotions()).toEqual([]);
    const [planned] = await plannedSequences(place.requests);
    expect(planned?.at).toBe(START + 6 * HOUR);
    await place.wait(HOUR - MINUTE);
    expect(place.told).toMatchObject([{ notice: { kind: 'reminder', at: START + 6 * HOUR } }]);
    await place.wait(MINUTE);
    expect(await place.promotions()).toEqual(['shop checking']);
  });

  it('begins when a freeze is lifted before its end', async () => {
    place.freeze(FREEZE);
    await place.plan(['shop'], 'after the freeze');
    await place.wait(HOUR);
    expect(await place.promotions()).toEqual([]);
    place.freeze();
    await place.wait(1_000);
    expect(await place.promotions()).toEqual(['shop checking']);
  });

  it('says which build is taken when staging has validated another one since', async () => {
    await place.plan(['shop'], 'in 2h');
    const [planned] = await plannedSequences(place.requests);
    expect(planned?.services[0]?.seen).toMatchObject({ feature: expect.stringMatching(/^\d/) });
    await place.requests.ledger.changeSequence(planned?.id ?? '', (now) => ({
      sequence: {
        ...now,
        services: now.services.map((one) => ({ ...one, seen: { feature: '001-old', commit: 'abc1234' } })),
      },
    }));
    await place.wait(2 * HOUR);
    expect(place.told.map(({ notice }) => notice)).toMatchObject([
      { kind: 'superseded', planned: { seen: { feature: '001-old' }, taken: planned?.services[0]?.seen } },
    ]);
  });
});
