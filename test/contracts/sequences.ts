import { beforeEach, describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../src/domain/policy/lock.ts';
import type { Refusal } from '../../src/domain/refusals/refusal.ts';
import type { Sequence } from '../../src/domain/schedule/sequence.ts';
import type { Ledger } from '../../src/flows/run/ledger.ts';

const START = Date.UTC(2030, 0, 7, 10);

/** What every ledger must do with what people planned. */
export function sequencesContract(name: string, open: (now: () => number) => Promise<Ledger>): void {
  describe(`${name}: what people planned`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await open(() => START);
    });

    it('is kept until it is settled, oldest first', async () => {
      await ledger.plan(sequence('p1', ['shop', 'api']));
      await ledger.plan(sequence('p2', ['cart']));
      expect((await ledger.unsettled()).map(({ id }) => id)).toEqual(['p1', 'p2']);
      expect(await ledger.sequence('p1')).toEqual(sequence('p1', ['shop', 'api']));
      const end = { kind: 'done' } as const;
      await ledger.changeSequence('p1', (now) => ({ sequence: { ...now, end }, isSettled: true }));
      expect((await ledger.unsettled()).map(({ id }) => id)).toEqual(['p2']);
      expect(await ledger.sequence('p1')).toMatchObject({ end });
      expect(await ledger.sequence('p3')).toBeNull();
      expect(await ledger.changeSequence('p3', (now) => ({ sequence: now }))).toBeNull();
    });

    it('has each service once among those that wait to be started', async () => {
      await ledger.plan(sequence('p1', ['shop', 'api']));
      const refusal = await ledger.plan(sequence('p2', ['cart', 'api'])).catch((error: unknown) => error);
      expect(refusal as Refusal).toMatchObject({
        code: 'already-planned',
        facts: { service: 'api', owner: 'UANN' },
      });
      expect(await ledger.sequence('p2')).toBeNull();
      await ledger.changeSequence('p1', (now) => ({ sequence: { ...now, started: 1 } }));
      await ledger.plan(sequence('p3', ['shop', 'cart']));
      await ledger.changeSequence('p1', (now) => ({
        sequence: { ...now, end: { kind: 'cancelled', by: 'UBO' } },
      }));
      await ledger.plan(sequence('p4', ['api']));
    });

    it('knows who wants to be told of their commits, and since when', async () => {
      await ledger.subscribe('UBO', 'shop');
      await ledger.subscribe('UANN', '*');
      await ledger.subscribe('UBO', 'api');
      await ledger.subscribe('UBO', 'shop');
      expect(await ledger.subscriptions()).toEqual([
        { person: 'UANN', service: '*', since: START },
        { person: 'UBO', service: 'api', since: START },
        { person: 'UBO', service: 'shop', since: START },
      ]);
      expect(await ledger.unsubscribe('UBO', 'cart')).toBe(false);
      expect(await ledger.unsubscribe('UBO', 'api')).toBe(true);
      expect((await ledger.subscriptions('UBO')).map(({ service }) => service)).toEqual(['shop']);
      expect(await ledger.unsubscribe('UBO')).toBe(true);
      expect(await ledger.unsubscribe('UBO')).toBe(false);
      expect(await ledger.subscriptions('UANN')).toHaveLength(1);
    });

    it('remembers what somebody chose last', async () => {
      expect(await ledger.choiceOf('UANN')).toBeNull();
      await ledger.rememberChoice('UANN', { service: 'shop', bump: 'minor' });
      await ledger.rememberChoice('UANN', { service: 'api', bump: 'auto' });
      expect(await ledger.choiceOf('UANN')).toEqual({ service: 'api', bump: 'auto' });
      expect(await ledger.choiceOf('UBO')).toBeNull();
    });

    it('changes it or leaves it, with a row of the audit', async () => {
      await ledger.plan(sequence('p1', ['shop']));
      expect(await ledger.changeSequence('p1', () => null)).toEqual(sequence('p1', ['shop']));
      const audit = { actor: 'UBO', action: 'sequence.cancelled', result: 'done' } as const;
      await ledger.changeSequence('p1', (now) => ({ sequence: { ...now, started: 1 }, audit }));
      const trail = await ledger.auditTrail({ limit: 9 });
      expect(trail.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
        'UBO sequence.cancelled',
        'UANN sequence.planned',
      ]);
      expect(trail[1]).toMatchObject({ service: 'shop', detail: { sequence: 'p1', services: ['shop'] } });
    });

    it('shows of a service what is about everything, and exports what is planned with it', async () => {
      await ledger.plan(sequence('p1', ['api', 'shop']));
      await ledger.lock({ service: EVERYTHING, owner: 'UANN', reason: 'incident' });
      await ledger.lock({ service: 'site', owner: 'UANN', reason: 'x \u0000' });
      const trail = await ledger.auditTrail({ service: 'shop', limit: 9 });
      expect(trail.map(({ action }) => action)).toEqual(['lock.taken']);
      const exported: string[] = [];
      for await (const { action } of ledger.auditRows({ service: 'shop' })) exported.push(action);
      expect(exported).toEqual(['sequence.planned', 'lock.taken']);
    });
  });
}

function sequence(id: string, services: readonly string[]): Sequence {
  return {
    id,
    by: 'UANN',
    channel: '#ship',
    services: services.map((service) => ({ service, bump: 'auto', promotionId: `${id}-${service}` })),
    createdAt: START,
    started: 0,
  };
}
