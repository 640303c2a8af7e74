import { beforeEach, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/domain/judge/sample.ts';
import type { PromotionRequest } from '../../src/domain/promotion/promotion.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import type { Ledger, PlaceInQueue } from '../../src/flows/run/ledger.ts';

const START = Date.UTC(2030, 0, 7, 10);

/** What every ledger must do. `open` gives an empty one on the given clock. */
export function ledgerContract(name: string, open: (now: () => number) => Promise<Ledger>): void {
  describe(`${name}: a ledger`, () => {
    let now = START;
    let ledger: Ledger;

    beforeEach(async () => {
      now = START;
      ledger = await open(() => now);
    });

    const start = (id = 'p1', service = 'shop') =>
      ledger.open({ id, request: request(service), channel: 'C1' });

    const awaiting = async (digest = 'd1') => {
      await start();
      return ledger.change('p1', { from: ['checking'], to: 'awaiting-approval', digest });
    };

    describe('promotions', () => {
      it('opens one in checking, and says the same about it later', async () => {
        const opened = await start();
        expect(opened).toEqual({
          id: 'p1',
          service: 'shop',
          state: 'checking',
          revision: 1,
          turn: 1,
          createdAt: START,
          updatedAt: START,
          request: request('shop'),
          channel: 'C1',
          digest: null,
          data: {},
        });
        expect(await ledger.get('p1')).toEqual(opened);
        expect(await ledger.openFor('shop')).toEqual(opened);
        expect(await ledger.openFor('cart')).toBeNull();
      });

      it('opens the same id once', async () => {
        await start();
        const moved = await ledger.change('p1', { to: 'blocked' });
        expect(await start()).toEqual(moved);
        expect(await ledger.recent({ limit: 10 })).toHaveLength(1);
      });

      it('refuses a second open one of a service and names the first', async () => {
        await start();
        const refusal = await refused(start('p2'));
        expect(refusal.code).toBe('promotion-open');
        expect(refusal.facts).toMatchObject({
          service: 'shop',
          promotion: 'p1',
          by: 'UANN',
          state: 'checking',
        });
        expect((await start('p3', 'cart')).state).toBe('checking');
      });

      it('lets the next one open when the first is closed', async () => {
        await start();
        await ledger.change('p1', { to: 'cancelled' });
        expect(await ledger.openFor('shop')).toBeNull();
        expect((await start('p2')).id).toBe('p2');
      });

      it('does not reopen a service that has another open one', async () => {
        await start();
        await ledger.change('p1', { to: 'shipped' });
        await start('p2');
        const refusal = await refused(ledger.change('p1', { to: 'rolling-back' }));
        expect(refusal.code).toBe('promotion-open');
        expect(refusal.facts).toMatchObject({ promotion: 'p2' });
        expect((await ledger.get('p1')).state).toBe('shipped');
      });

      it('refuses what it does not know', async () => {
        expect((await refused(ledger.get('nope'))).code).toBe('promotion-unknown');
        expect((await refused(ledger.change('nope', { to: 'failed' }))).code).toBe('promotion-unknown');
      });

      it('lists the newest first, by service, state and number', async () => {
        for (const [id, service] of [
          ['a', 'shop'],
          ['b', 'cart'],
          ['c', 'api'],
        ] as const) {
          now += 1_000;
          await start(id, service);
        }
        await ledger.change('a', { to: 'shipped' });
        const ids = async (filter: Parameters<Ledger['recent']>[0]) =>
          (await ledger.recent(filter)).map((one) => one.id);
        expect(await ids({ limit: 10 })).toEqual(['c', 'b', 'a']);
        expect(await ids({ limit: 2 })).toEqual(['c', 'b']);
        expect(await ids({ limit: 2, skip: 1 })).toEqual(['b', 'a']);
        expect(await ids({ service: 'shop', limit: 10 })).toEqual(['a']);
        expect(await ids({ states: ['shipped', 'failed'], limit: 10 })).toEqual(['a']);
        expect(await ids({ states: [], limit: 10 })).toEqual([]);
        now += 1_000;
        await start('d', 'shop');
        expect(await ledger.newestOf(['shop', 'api', 'none'])).toEqual([
          { id: 'd', service: 'shop', state: 'checking' },
          { id: 'c', service: 'api', state: 'checking' },
        ]);
        expect(await ledger.newestOf([])).toEqual([]);
      });
    });

    describe('changes', () => {
      it('replaces members, removes what is null, keeps the rest, grows the revision', async () => {
        await start();
        now += 5;
        await ledger.change('p1', { data: { reportPath: 'a.md', expiresAt: 7 } });
        const after = await ledger.change('p1', {
          to: 'blocked',
          digest: 'd1',
          data: { reportPath: 'b.md', expiresAt: null, closedAt: 9 },
        });
        expect(after).toMatchObject({ state: 'blocked', digest: 'd1', revision: 3, updatedAt: START + 5 });
        expect(after.data).toEqual({ reportPath: 'b.md', closedAt: 9 });
        expect(await ledger.get('p1')).toEqual(after);
        expect((await ledger.change('p1', { digest: null })).digest).toBeNull();
      });

      it('keeps any text that came from outside', async () => {
        await start();
        const text = 'NUL \u0000, a lone \ud800, <!channel>, "quotes", 💥, \u2028';
        const after = await ledger.change('p1', { data: { notice: { kind: 'problem', text } } });
        expect(after.data.notice?.text).toBe(text);
        expect((await ledger.get('p1')).data.notice?.text).toBe(text);
      });

      it('goes only from the states that were named', async () => {
        await start();
        const refusal = await refused(ledger.change('p1', { from: ['blocked', 'releasing'], to: 'failed' }));
        expect(refusal.code).toBe('promotion-moved-on');
        expect(refusal.facts).toMatchObject({ promotion: 'p1', service: 'shop', state: 'checking' });
        expect((await ledger.get('p1')).revision).toBe(1);
      });

      it('does the same key once, also when the state has moved on since', async () => {
        await start();
        const first = await ledger.change('p1', { key: 'k', from: ['checking'], to: 'blocked' });
        expect(await ledger.change('p1', { key: 'k', from: ['checking'], to: 'failed' })).toEqual(first);
        expect(await ledger.auditTrail({ promotionId: 'p1', limit: 10 })).toHaveLength(1);
      });

      it('does not use up a key that was refused', async () => {
        await start();
        await refused(ledger.change('p1', { key: 'k', from: ['blocked'], to: 'failed' }));
        expect((await ledger.change('p1', { key: 'k', to: 'blocked' })).state).toBe('blocked');
      });

      it('keeps the keys of two promotions apart', async () => {
        await start();
        await start('p2', 'cart');
        await ledger.change('p1', { key: 'k', to: 'blocked' });
        expect((await ledger.change('p2', { key: 'k', to: 'blocked' })).state).toBe('blocked');
      });

      it('writes the audit with the change, and not without it', async () => {
        await start();
        await ledger.change('p1', {
          to: 'blocked',
          audit: {
            actor: 'slipway',
            action: 'promotion.blocked',
            result: 'done',
            detail: { failed: ['ci'] },
          },
        });
        await refused(
          ledger.change('p1', {
            from: ['checking'],
            audit: { actor: 'UANN', action: 'promotion.cancel', result: 'done' },
          }),
        );
        const [last, opened] = await ledger.auditTrail({ promotionId: 'p1', limit: 10 });
        expect(last).toMatchObject({
          seq: 2,
          at: START,
          actor: 'slipway',
          action: 'promotion.blocked',
          service: 'shop',
          promotionId: 'p1',
          detail: { failed: ['ci'] },
        });
        expect(opened).toMatchObject({ seq: 1, actor: 'UANN', action: 'promotion.opened', result: 'done' });
      });
    });

    describe('votes', () => {
      const approve = (by: string, digest = 'd1') => ledger.vote('p1', { by, digest, decision: 'approve' });

      it('records who, what and when, and grows the revision', async () => {
        const before = await awaiting();
        now += 60_000;
        const approvals = await ledger.vote(
          'p1',
          { by: 'UBOB', digest: 'd1', decision: 'approve', reason: 'looks right' },
          { channel: 'C1', ts: '1.2', via: 'button' },
        );
        expect(approvals).toEqual([
          {
            by: 'UBOB',
            digest: 'd1',
            decision: 'approve',
            reason: 'looks right',
            at: START + 60_000,
            valid: true,
          },
        ]);
        expect(await ledger.approvals('p1')).toEqual(approvals);
        expect((await ledger.get('p1')).revision).toBe(before.revision + 1);
        const [row] = await ledger.auditTrail({ promotionId: 'p1', limit: 1 });
        expect(row).toMatchObject({
          actor: 'UBOB',
          action: 'approval.given',
          source: { channel: 'C1', ts: '1.2', via: 'button' },
          digestAfter: 'd1',
        });
      });

      it('refuses when nobody is being asked', async () => {
        await start();
        expect((await refused(approve('UBOB'))).code).toBe('promotion-moved-on');
        expect((await refused(ledger.vote('nope', vote('UBOB')))).code).toBe('promotion-unknown');
      });

      it('refuses a vote on something else than what would ship', async () => {
        await awaiting('d2');
        expect((await refused(approve('UBOB'))).code).toBe('digest-changed');
        expect(await ledger.approvals('p1')).toEqual([]);
      });

      it('counts a person once, and lets them change their mind', async () => {
        await awaiting();
        await approve('UBOB');
        expect((await refused(approve('UBOB'))).code).toBe('already-voted');
        const approvals = await ledger.vote('p1', { by: 'UBOB', digest: 'd1', decision: 'decline' });
        expect(approvals.map((one) => [one.decision, one.valid])).toEqual([
          ['approve', false],
          ['decline', true],
        ]);
        expect((await approve('UBOB')).filter((one) => one.valid)).toHaveLength(1);
      });

      it('takes an approval back, once, and lets the same person vote again', async () => {
        await awaiting();
        await approve('UBOB');
        expect((await ledger.withdrawVote('p1', 'UBOB')).some((one) => one.valid)).toBe(false);
        expect((await refused(ledger.withdrawVote('p1', 'UBOB'))).code).toBe('no-vote');
        expect((await refused(ledger.withdrawVote('p1', 'UEVE'))).code).toBe('no-vote');
        expect((await approve('UBOB')).filter((one) => one.valid)).toHaveLength(1);
      });

      it('hears a no until the release is cut, and no approval by then', async () => {
        await awaiting();
        await approve('UBOB');
        await ledger.change('p1', { to: 'releasing' });
        expect((await refused(approve('UEVE'))).code).toBe('promotion-moved-on');
        const no = { by: 'UEVE', digest: 'd1', decision: 'decline' } as const;
        expect((await ledger.vote('p1', no)).filter((one) => one.valid)).toHaveLength(2);
        expect((await ledger.withdrawVote('p1', 'UBOB')).filter((one) => one.valid)).toHaveLength(1);
        const release = { version: '1.3.0', tag: 'v1.3.0', commit: 'a'.repeat(40) };
        await ledger.change('p1', { data: { release } });
        expect((await refused(ledger.vote('p1', { ...no, by: 'UANN' }))).code).toBe('promotion-moved-on');
        expect((await refused(ledger.withdrawVote('p1', 'UBOB'))).code).toBe('promotion-moved-on');
      });

      it('voids them when asked to, and lets the same people vote again', async () => {
        await awaiting();
        await approve('UBOB');
        await ledger.change('p1', { voidApprovals: true });
        expect((await ledger.approvals('p1')).every((one) => !one.valid)).toBe(true);
        expect((await approve('UBOB')).filter((one) => one.valid)).toHaveLength(1);
      });

      it('voids them for good when the digest changes, even if it changes back', async () => {
        await awaiting();
        await approve('UBOB');
        await ledger.change('p1', { digest: 'd2' });
        expect((await ledger.approvals('p1')).some((one) => one.valid)).toBe(false);
        await ledger.change('p1', { digest: 'd1' });
        expect((await ledger.approvals('p1')).some((one) => one.valid)).toBe(false);
      });

      it('keeps them when another change leaves the digest alone', async () => {
        await awaiting();
        await approve('UBOB');
        await ledger.change('p1', { to: 'releasing', digest: 'd1' });
        expect((await ledger.approvals('p1')).every((one) => one.valid)).toBe(true);
      });
    });

    describe('locks and lines', () => {
      const lock = (owner: string, until?: number) =>
        ledger.lock({
          service: 'shop',
          owner,
          reason: 'incident',
          ...(until === undefined ? {} : { until }),
        });

      it('locks, says so, and unlocks', async () => {
        expect(await ledger.lockOf('shop')).toBeNull();
        const taken = await lock('UANN');
        expect(taken).toEqual({ service: 'shop', owner: 'UANN', reason: 'incident', since: START });
        expect(await ledger.lockOf('shop')).toEqual(taken);
        expect(await ledger.locks()).toEqual([taken]);
        expect(await ledger.unlock('shop', 'UBOB')).toEqual(taken);
        expect(await ledger.lockOf('shop')).toBeNull();
        expect(await ledger.locks()).toEqual([]);
        expect((await refused(ledger.unlock('shop', 'UBOB'))).code).toBe('not-locked');
        const actions = (await ledger.auditTrail({ service: 'shop', limit: 10 })).map(
          (one) => `${one.actor} ${one.action}`,
        );
        expect(actions).toEqual(['UBOB lock.released', 'UANN lock.taken']);
      });

      it('takes off only the lock that was looked at', async () => {
        const { since } = await lock('UANN');
        now += 1_000;
        await ledger.stealLock({ service: 'shop', owner: 'UBOB', reason: 'she is asleep' });
        const refusal = await refused(ledger.unlock('shop', 'UEVE', undefined, since));
        expect(refusal.code).toBe('lock-changed');
        expect(refusal.facts).toEqual({ service: 'shop', owner: 'UBOB', reason: 'she is asleep' });
        expect(await ledger.lockOf('shop')).toMatchObject({ owner: 'UBOB' });
        expect((await ledger.unlock('shop', 'UEVE', undefined, now)).owner).toBe('UBOB');
        expect((await refused(ledger.unlock('shop', 'UEVE', undefined, now))).code).toBe('not-locked');
      });

      it('refuses over the lock of someone else, and lets the owner renew it', async () => {
        await lock('UANN', START + 60_000);
        const refusal = await refused(lock('UBOB'));
        expect(refusal.code).toBe('locked');
        expect(refusal.facts).toMatchObject({
          service: 'shop',
          owner: 'UANN',
          reason: 'incident',
          until: START + 60_000,
        });
        expect((await lock('UANN', START + 90_000)).until).toBe(START + 90_000);
      });

      it('forgets a lock that has expired', async () => {
        await lock('UANN', START + 60_000);
        now = START + 60_000;
        expect(await ledger.lockOf('shop')).toBeNull();
        expect((await refused(ledger.unlock('shop', 'UANN'))).code).toBe('not-locked');
        expect((await lock('UBOB')).owner).toBe('UBOB');
      });

      it('keeps people in the order in which they came', async () => {
        expect(await ledger.waitedFor()).toEqual([]);
        expect(await ledger.joinQueue('shop', 'UANN')).toBe(1);
        expect(await ledger.joinQueue('shop', 'UBOB')).toBe(2);
        expect(await ledger.joinQueue('shop', 'UANN')).toBe(1);
        expect(await ledger.joinQueue('cart', 'UBOB')).toBe(1);
        expect(await ledger.waitedFor()).toEqual(['cart', 'shop']);
        expect(await called(ledger)).toMatchObject({ user: 'UANN' });
        expect(await ledger.joinQueue('shop', 'UANN')).toBe(2);
        expect(await called(ledger)).toMatchObject({ user: 'UBOB' });
        expect(await called(ledger)).toMatchObject({ user: 'UANN' });
        expect(await called(ledger)).toBeNull();
        expect(await ledger.waitedFor()).toEqual(['cart']);
      });

      it('keeps whoever is first in line until they have been called, and calls them once', async () => {
        await ledger.joinQueue('shop', 'UANN');
        await ledger.joinQueue('shop', 'UBOB');
        const first = await ledger.firstInQueue('shop');
        expect(first).toMatchObject({ user: 'UANN' });
        expect(await ledger.firstInQueue('shop')).toEqual(first);
        if (!first) throw new Error('nobody is in line');
        await ledger.leaveQueue(first);
        expect(await ledger.joinQueue('shop', 'UANN')).toBe(2);
        await ledger.leaveQueue(first);
        expect(await ledger.joinQueue('shop', 'UANN')).toBe(2);
        expect(await ledger.firstInQueue('shop', 60_000)).toBeNull();
        now += 60_000;
        expect(await ledger.firstInQueue('shop', 60_000)).toMatchObject({ user: 'UBOB' });
      });

      it('keeps what they want to ship, the newest wish, and hands it back', async () => {
        await ledger.joinQueue('shop', 'UANN', { bump: 'minor', feature: '014-coupons' });
        await ledger.joinQueue('shop', 'UBOB');
        expect(await ledger.joinQueue('shop', 'UANN', { bump: 'auto', note: 'please' })).toBe(1);
        expect(await ledger.joinQueue('shop', 'UANN')).toBe(1);
        const wish = { bump: 'auto', note: 'please' };
        expect(await called(ledger)).toMatchObject({ user: 'UANN', wish });
        expect(await called(ledger)).not.toHaveProperty('wish');
      });

      it('lets somebody take a lock over, and remembers from whom', async () => {
        const first = await lock('UANN', START + 60_000);
        const stolen = { service: 'shop', owner: 'UBOB', reason: 'she is asleep' };
        const taken = await ledger.stealLock(stolen, { via: 'command' });
        expect(taken).toEqual({ lock: { ...stolen, since: START }, from: first });
        expect(await ledger.lockOf('shop')).toEqual(taken.lock);
        const [row] = await ledger.auditTrail({ service: 'shop', limit: 1 });
        expect(row).toMatchObject({
          actor: 'UBOB',
          action: 'lock.stolen',
          source: { via: 'command' },
          detail: { reason: 'she is asleep', from: 'UANN', fromReason: 'incident' },
        });
        expect((await refused(lock('UANN'))).code).toBe('locked');
      });

      it('keeps the lock of a rollback without an end, whoever renews it or takes it over', async () => {
        await start();
        const rolledBack = { reason: 'Rolled back: errors', promotionId: 'p1' };
        await ledger.lock({ service: 'shop', owner: 'UANN', ...rolledBack });
        const wanted = { service: 'shop', owner: 'UANN', reason: 'x', until: START + 60_000 };
        const kept = { ...rolledBack, reason: 'x; Rolled back: errors', since: START };
        for (const _again of [1, 2]) {
          expect(await ledger.lock(wanted)).toEqual({ service: 'shop', owner: 'UANN', ...kept });
        }
        const { lock: taken } = await ledger.stealLock({ ...wanted, owner: 'UBOB', reason: 'mine' });
        const both = 'mine; x; Rolled back: errors';
        expect(taken).toEqual({ service: 'shop', owner: 'UBOB', ...kept, reason: both });
        now += 120_000;
        expect(await ledger.lockOf('shop')).toEqual(taken);
        const later = { service: 'shop', owner: 'UEVE', reason: 'Rolled back: again', promotionId: 'p2' };
        await start('p2', 'cart');
        expect((await ledger.stealLock(later)).lock).toEqual({ ...later, since: now });
        await ledger.unlock('shop', 'UANN');
        const free = await ledger.lock({ ...wanted, until: now + 60_000 });
        expect(free).toEqual({ ...wanted, until: now + 60_000, since: now });
      });

      it('takes over the lock that was looked at, and no other that came meanwhile', async () => {
        const own = { service: 'shop', owner: 'UANN', reason: 'incident' };
        const eve = { service: 'shop', owner: 'UEVE', reason: 'mine' };
        const seen = await ledger.lock(own);
        now += 1_000;
        await ledger.stealLock({ ...own, owner: 'UBOB', reason: 'hers' });
        expect((await refused(ledger.stealLock(eve, undefined, seen))).code).toBe('locked');
        expect((await refused(ledger.stealLock(eve, undefined, null))).code).toBe('locked');
        expect((await ledger.lockOf('shop'))?.owner).toBe('UBOB');
        expect((await ledger.stealLock(eve, undefined, await ledger.lockOf('shop'))).lock.owner).toBe('UEVE');
      });

      it('takes a lock that nobody else has without calling it stolen', async () => {
        const own = { service: 'shop', owner: 'UBOB', reason: 'incident' };
        expect((await ledger.stealLock(own)).from).toBeNull();
        expect((await ledger.stealLock({ ...own, reason: 'still' })).from).toMatchObject({ owner: 'UBOB' });
        const actions = (await ledger.auditTrail({ service: 'shop', limit: 5 })).map((one) => one.action);
        expect(actions).toEqual(['lock.taken', 'lock.taken']);
      });
    });

    describe('debts', () => {
      const override = (id = 'debt-1', by = 'UANN') => ({
        id,
        by,
        reason: 'the till is down \u0000',
        at: START,
        due: START + 60_000,
        barriers: ['freeze:2030'],
        over: ['Frozen: weekend'],
      });
      const breakGlass = (given = override(), key = given.id) =>
        ledger.change('p1', { key, override: given });

      it('begin with the override, once', async () => {
        await start();
        expect(await ledger.openDebts()).toEqual([]);
        const after = await breakGlass();
        await breakGlass();
        await breakGlass(override('debt-2', 'UBOB'));
        expect(after.data.overrides?.[0]).toMatchObject({ id: 'debt-1', barriers: ['freeze:2030'] });
        expect((await ledger.get('p1')).data.overrides).toHaveLength(2);
        const [debt, ...more] = await ledger.openDebts();
        expect(more.map((one) => one.by)).toEqual(['UBOB']);
        expect(debt).toMatchObject({
          id: 'debt-1',
          promotionId: 'p1',
          service: 'shop',
          by: 'UANN',
          at: START,
          due: START + 60_000,
          over: ['Frozen: weekend'],
        });
        expect(debt?.reason).toContain('the till is down');
      });

      it('are not there when the change was refused', async () => {
        await start();
        await refused(ledger.change('p1', { from: ['blocked'], override: override() }));
        expect(await ledger.openDebts()).toEqual([]);
        expect((await ledger.get('p1')).data.overrides).toBeUndefined();
      });

      it('are acknowledged by a second person, once', async () => {
        await start();
        const { revision } = await breakGlass();
        expect((await refused(ledger.acknowledge('p1', 'UANN'))).code).toBe('debt-own');
        now += 5_000;
        const settled = await ledger.acknowledge('p1', 'UBOB', { via: 'button' });
        expect(settled).toMatchObject([{ id: 'debt-1', acknowledged: { by: 'UBOB', at: START + 5_000 } }]);
        expect(await ledger.openDebts()).toEqual([]);
        const promotion = await ledger.get('p1');
        expect(promotion.data.overrides).toMatchObject([
          { id: 'debt-1', barriers: ['freeze:2030'], acknowledged: { by: 'UBOB', at: START + 5_000 } },
        ]);
        expect(promotion.revision).toBe(revision + 1);
        const [row] = await ledger.auditTrail({ promotionId: 'p1', limit: 1 });
        expect(row).toMatchObject({
          actor: 'UBOB',
          action: 'debt.acknowledged',
          source: { via: 'button' },
          detail: { debt: 'debt-1', owner: 'UANN' },
        });
        expect((await refused(ledger.acknowledge('p1', 'UEVE'))).code).toBe('debt-settled');
      });

      it('of two people are acknowledged by each for the other', async () => {
        await start();
        await breakGlass();
        await breakGlass(override('debt-2', 'UBOB'));
        expect((await ledger.acknowledge('p1', 'UANN')).map((one) => one.id)).toEqual(['debt-2']);
        expect((await refused(ledger.acknowledge('p1', 'UANN'))).code).toBe('debt-own');
        expect((await ledger.acknowledge('p1', 'UBOB')).map((one) => one.id)).toEqual(['debt-1']);
        expect((await refused(ledger.acknowledge('nope', 'UBOB'))).code).toBe('promotion-unknown');
      });
    });

    it('keeps samples in order of time, each once', async () => {
      await start();
      await ledger.addSamples('p1', [sample(60), sample(0)]);
      await ledger.addSamples('p1', [{ ...sample(60), total: 99 }, sample(30), sample(60, 'after')]);
      const known = [sample(0), sample(30), sample(60), sample(60, 'after')];
      expect(await ledger.samples('p1')).toEqual(known);
      await ledger.addSamples('p1', [sample(-86_400, 'history'), sample(-86_400, 'history')]);
      expect(await ledger.samples('p1')).toEqual([sample(-86_400, 'history'), ...known]);
      expect(await ledger.samples('nope')).toEqual([]);
      expect((await refused(ledger.addSamples('nope', [sample(0)]))).code).toBe('promotion-unknown');
    });

    it('sees a key once', async () => {
      expect(await ledger.once('event Ev1')).toBe(true);
      expect(await ledger.once('event Ev1')).toBe(false);
      expect(await ledger.once('event Ev2')).toBe(true);
    });

    it('lets one make an offer, another one when it was not made, and nobody once it was, for good', async () => {
      const wanted = () => ledger.tryOffer('offer \u0000 shop', 30_000);
      const answers = await Promise.all([wanted(), wanted(), wanted()]);
      expect(answers.filter(Boolean)).toHaveLength(1);
      now += 29_999;
      expect(await wanted()).toBe(false);
      expect(await ledger.tryOffer('offer cart', 30_000)).toBe(true);
      now += 1;
      expect(await wanted()).toBe(true);
      await ledger.offerMade('offer \u0000 shop');
      for (const _week of [1, 2]) {
        now += 8 * 86_400_000;
        expect(await wanted()).toBe(false);
      }
    });

    it('keeps what is to be posted with buttons, until its message says what became of it', async () => {
      const prompt = { kind: 'offer', service: 'shop', because: '\u0000' } as const;
      const wanted = { key: 'offer \u0000 shop', place: { channel: '#ship', thread: '1.1' }, prompt };
      await ledger.putPrompt(wanted);
      now += 1_000;
      await ledger.putPrompt({ ...wanted, place: { channel: '#other' } });
      const [stored, ...others] = await ledger.openPrompts();
      expect(others).toEqual([]);
      if (stored === undefined) throw new Error('nothing was stored');
      const { key } = stored;
      const fresh = { ...wanted, key, at: START, attemptedAt: null, posted: null, outcome: null };
      expect(stored).toEqual(fresh);
      const answers = await Promise.all([1, 2, 3].map(() => ledger.tryPrompt(key, 60_000)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await ledger.tryPrompt(key, 60_000)).toBe(false);
      expect(await ledger.tryPrompt(key, 0)).toBe(true);
      const posted = { channel: 'C1', ts: '2.2' };
      await ledger.promptPosted(key, posted);
      expect(await ledger.tryPrompt(key, 0)).toBe(false);
      const outcome = { kind: 'started', by: 'UADA', at: now } as const;
      await ledger.settlePrompt(key, outcome);
      await ledger.settlePrompt(key, { kind: 'not-ready', at: now });
      // By whatever clock all replicas share.
      const attemptedAt = expect.any(Number);
      expect(await ledger.openPrompts()).toEqual([{ ...fresh, attemptedAt, posted, outcome }]);
      await ledger.closePrompt(key);
      await ledger.putPrompt(wanted);
      expect(await ledger.openPrompts()).toEqual([]);
      await ledger.putPrompt({ ...wanted, key: 'again', snoozedUntil: now + 60_000 });
      expect(await ledger.openPrompts()).toMatchObject([{ snoozedUntil: now + 60_000 }]);
      await ledger.wakePrompt('again');
      expect((await ledger.openPrompts())[0]).not.toHaveProperty('snoozedUntil');
    });

    it('has all messages with buttons that are open, first those that somebody waits for, and each by key and place', async () => {
      const put = (key: string) =>
        ledger.putPrompt({ key, place: { channel: 'C1' }, prompt: { kind: 'offer', service: 'shop' } });
      for (const { key } of await ledger.openPrompts()) await ledger.closePrompt(key);
      const many = Array.from({ length: 600 }, async (_, nth) => {
        await put(`${nth}`);
        await ledger.promptPosted(`${nth}`, { channel: 'C1', ts: `${nth}.0` });
      });
      await Promise.all(many);
      await put('new');
      await ledger.settlePrompt('580', { kind: 'not-ready', at: now });
      const open = await ledger.openPrompts();
      expect(open).toHaveLength(601);
      expect(open.slice(0, 2).map(({ key }) => key)).toEqual(['580', 'new']);
      expect(await ledger.openPrompt('new')).toMatchObject({ posted: null });
      expect(await ledger.openPrompt({ channel: 'C1', ts: '7.0' })).toMatchObject({ key: '7' });
      expect(await ledger.openPrompt({ channel: 'C2', ts: '7.0' })).toBeNull();
      await ledger.closePrompt('7');
      expect(await ledger.openPrompt('7')).toBeNull();
    });

    it('lets nobody wait for what they have opened', async () => {
      expect(await ledger.joinQueue('shop', 'UANN')).toBe(1);
      expect(await ledger.joinQueue('shop', 'UBOB')).toBe(2);
      await ledger.joinQueue('cart', 'UANN');
      const request = { service: 'shop', bump: 'auto', by: 'UANN' } as const;
      await ledger.open({ id: 'own', request, channel: 'C1' });
      expect(await ledger.firstInQueue('shop')).toMatchObject({ user: 'UBOB' });
      expect(await ledger.firstInQueue('cart')).toMatchObject({ user: 'UANN' });
    });

    it('chains the audit, newest first, and finds it whole', async () => {
      expect(await ledger.verifyAudit()).toMatchObject({ rows: 0, brokenAt: null });
      for (const [index, service] of ['shop', 'cart', 'shop'].entries()) {
        await ledger.audit({ actor: 'UEVE', action: `button.${index}`, result: 'refused', service });
      }
      const trail = await ledger.auditTrail({ service: 'shop', limit: 10 });
      expect(trail.map((one) => [one.seq, one.action, one.result])).toEqual([
        [3, 'button.2', 'refused'],
        [1, 'button.0', 'refused'],
      ]);
      expect(await ledger.auditTrail({ limit: 1 })).toHaveLength(1);
      expect(new Set(trail.map((one) => one.hash)).size).toBe(2);
      expect(trail[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(await ledger.verifyAudit()).toMatchObject({ rows: 3, brokenAt: null });
    });
  });
}

function request(service: string): PromotionRequest {
  return { service, bump: 'auto', by: 'UANN', note: 'for the launch' };
}

function vote(by: string) {
  return { by, digest: 'd1', decision: 'approve' } as const;
}

function sample(second: number, phase: Sample['phase'] = 'baseline'): Sample {
  return { at: new Date(START + second * 1_000).toISOString(), phase, total: 10, errors: 1 };
}

/** Whoever is next, called as the flows do it. */
async function called(ledger: Ledger): Promise<PlaceInQueue | null> {
  const next = await ledger.firstInQueue('shop');
  if (next) await ledger.leaveQueue(next);
  return next;
}

async function refused(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Refusal) return error;
  throw error ?? new Error('Expected a refusal, but it was done.');
}
