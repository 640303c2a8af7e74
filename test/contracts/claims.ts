import { beforeEach, describe, expect, it } from 'vitest';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import type { Claim, Ledger } from '../../src/flows/run/ledger.ts';
import type { RunMessage } from '../../src/flows/run/port.ts';

/** How every ledger decides who was first, and what makes buttons old. */
export function claimsContract(name: string, open: (now: () => number) => Promise<Ledger>): void {
  describe(`${name}: a ledger`, () => {
    let ledger: Ledger;

    beforeEach(async () => {
      ledger = await open(() => Date.UTC(2030, 0, 7, 10));
      await ledger.open({
        id: 'p1',
        request: { service: 'shop', bump: 'auto', by: 'UANN' },
        channel: 'C1',
        source: { via: 'command', channel: 'C1' },
      });
    });

    const cancel = (by: string): RunMessage => ({ kind: 'cancel', by, reason: 'no' });
    const claim = (message: RunMessage, more: Partial<Claim> = {}) =>
      ledger.claim('p1', {
        key: 'answer:1',
        message,
        from: ['checking', 'blocked'],
        audit: { actor: 'U', action: `thread.${message.kind}`, result: 'done' },
        ...more,
      });
    const actions = async () =>
      (await ledger.auditTrail({ promotionId: 'p1', limit: 100 })).map(({ action }) => action).reverse();

    it('writes where a promotion was opened from', async () => {
      const [row] = await ledger.auditTrail({ promotionId: 'p1', limit: 1 });
      expect(row).toMatchObject({ action: 'promotion.opened', source: { via: 'command', channel: 'C1' } });
    });

    it('lets one be first, tells the others who it was, and writes one row', async () => {
      const answers = await Promise.all(['UA', 'UB', 'UC', 'UA'].map((by) => claim(cancel(by))));
      const first = answers.filter(({ isFirst }) => isFirst);
      expect(first).toHaveLength(1);
      expect(new Set(answers.map(({ message }) => JSON.stringify(message))).size).toBe(1);
      expect(await actions()).toEqual(['promotion.opened', 'thread.cancel']);
    });

    it('keeps what a run is told until it has it, with the decision itself', async () => {
      await claim(cancel('UA'));
      await claim(cancel('UB'));
      await ledger.change('p1', { data: { run: 'p1-rollback-2' } });
      await claim({ kind: 'retry', by: 'UC' }, { key: 'answer:2' });
      const told = { run: 'p1', key: 'cancel:p1:answer:1', message: cancel('UA') };
      expect(await ledger.undelivered({ run: 'p1' })).toEqual([told]);
      expect((await ledger.undelivered({ olderThanMs: 0 })).map(({ run }) => run)).toEqual([
        'p1',
        'p1-rollback-2',
      ]);
      expect(await ledger.undelivered({ olderThanMs: 60_000 })).toEqual([]);
      for (let times = 0; times < 2; times += 1) await ledger.delivered(told.key);
      expect(await ledger.undelivered({ run: 'p1' })).toEqual([]);
      await expect(claim(cancel('UA'), { from: ['monitoring'] })).rejects.toThrow();
      expect(await ledger.undelivered({ olderThanMs: 0 })).toHaveLength(1);
    });

    it('tells the run of each vote that is given or taken back, and of none that is refused', async () => {
      await ledger.change('p1', { to: 'awaiting-approval', digest: 'd' });
      const vote = { by: 'UA', digest: 'd', decision: 'approve' } as const;
      await ledger.vote('p1', vote);
      await expect(ledger.vote('p1', vote)).rejects.toThrow();
      await ledger.withdrawVote('p1', 'UA');
      await ledger.vote('p1', vote);
      const told = await ledger.undelivered({ run: 'p1' });
      expect(told.map(({ message }) => message)).toEqual([
        { kind: 'vote' },
        { kind: 'vote' },
        { kind: 'vote' },
      ]);
      expect(new Set(told.map(({ key }) => key)).size).toBe(3);
    });

    it('tells promotions that wait of each lock with the lock itself, and others not', async () => {
      const told = async () =>
        (await ledger.undelivered({ olderThanMs: 0 })).map(({ run, message }) => ({ run, message }));
      const by = 'UA';
      const lock = (service: string) => ledger.lock({ service, owner: by, reason: 'r' });
      await lock('shop');
      expect(await told(), 'it looks at its gates anyway').toEqual([]);
      await ledger.change('p1', { to: 'blocked', data: { run: 'p1-again' } });
      await lock('cart');
      await expect(ledger.lock({ service: 'shop', owner: 'UB', reason: 'r' })).rejects.toThrow();
      expect(await told()).toEqual([]);
      await ledger.unlock('shop', by);
      const recheck = { run: 'p1-again', message: { kind: 'recheck', by } };
      expect(await told()).toEqual([recheck]);
      await ledger.change('p1', { to: 'awaiting-approval' });
      await lock('*');
      await ledger.stealLock({ service: 'shop', owner: by, reason: 'r' });
      expect(await told()).toEqual([recheck, recheck, recheck]);
      await ledger.change('p1', { to: 'monitoring' });
      await ledger.unlock('*', by);
      expect(await told()).toHaveLength(3);
    });

    it('keeps other keys and other promotions apart', async () => {
      expect((await claim(cancel('UA'))).isFirst).toBe(true);
      expect((await claim(cancel('UA'), { key: 'answer:2' })).isFirst).toBe(true);
    });

    it('lets another kind of message take a claim over only when it may', async () => {
      await claim({ kind: 'retry', by: 'UA' });
      expect(await claim({ kind: 'accept', by: 'UB' })).toEqual({
        isFirst: false,
        message: { kind: 'retry', by: 'UA' },
      });
      const rollback: RunMessage = { kind: 'rollback', by: 'UB', reason: 'broken' };
      expect((await claim(rollback, { overrides: true })).isFirst).toBe(true);
      expect(await claim({ ...rollback, by: 'UC' }, { overrides: true })).toEqual({
        isFirst: false,
        message: rollback,
      });
      expect((await claim({ kind: 'accept', by: 'UB' })).message.kind).toBe('rollback');
      expect(await actions()).toEqual(['promotion.opened', 'thread.retry', 'thread.rollback']);
    });

    it('ends nothing while a rollback that was accepted is on its way, of this promotion and no other', async () => {
      const end = (key: string) =>
        ledger.change('p1', { key, to: 'shipped', unlessAsked: 'rollback' }).then(
          ({ state }) => state,
          (error: unknown) => (error instanceof Refusal ? error.code : Promise.reject(error)),
        );
      await claim(cancel('UA'));
      await claim({ kind: 'rollback', by: 'UB', reason: 'bad' }, { overrides: true });
      expect(await end('end')).toBe('already-asked');
      expect((await ledger.get('p1')).state).toBe('checking');
      expect(await end('end'), 'the key is not used up').toBe('already-asked');
      await ledger.change('p1', { to: 'rolled-back' });
      await ledger.open({ id: 'p10', request: { service: 'shop', bump: 'auto', by: 'U' }, channel: 'C1' });
      expect((await ledger.change('p10', { to: 'shipped', unlessAsked: 'rollback' })).state).toBe('shipped');
    });

    it('ends what is ended already, also when a rollback is asked for later', async () => {
      const end = { key: 'end', to: 'shipped', unlessAsked: 'rollback' } as const;
      await ledger.change('p1', end);
      await ledger.change('p1', { to: 'checking' });
      await claim({ kind: 'rollback', by: 'UB', reason: 'bad' });
      expect((await ledger.change('p1', end)).state).toBe('checking');
    });

    it('compares state and turn, and uses nothing up when they are others', async () => {
      expect(await code(claim(cancel('UA'), { from: ['deploying'] }))).toBe('promotion-moved-on');
      expect(await code(claim(cancel('UA'), { turn: 2 }))).toBe('card-changed');
      expect(await code(ledger.claim('nope', { ...(await given()), key: 'k' }))).toBe('promotion-unknown');
      expect((await claim(cancel('UB'), { turn: 1 })).isFirst).toBe(true);
      expect(await actions()).toEqual(['promotion.opened', 'thread.cancel']);
    });

    const given = async (): Promise<Claim> => ({
      key: 'k',
      message: cancel('UA'),
      from: ['checking'],
      audit: { actor: 'U', action: 'thread.cancel', result: 'done' },
    });

    it('moves the turn on with state, digest and decision, and with nothing else', async () => {
      const turn = async (change: Parameters<Ledger['change']>[1]) =>
        (await ledger.change('p1', change)).turn;
      expect((await ledger.get('p1')).turn).toBe(1);
      expect(await turn({ data: { reportPath: 'a.md', decision: null } })).toBe(1);
      expect(await turn({ to: 'blocked' })).toBe(2);
      expect(await turn({ to: 'blocked' })).toBe(3);
      expect(await turn({ to: 'awaiting-approval', digest: 'd1' })).toBe(4);
      expect(await turn({ digest: 'd1' })).toBe(4);
      await ledger.vote('p1', { by: 'UBOB', digest: 'd1', decision: 'approve' });
      expect(await turn({ data: { notice: null } })).toBe(4);
      expect(await turn({ digest: 'd2' })).toBe(5);
      expect(await turn({ data: { decision: 'retry-deploy' } })).toBe(6);
      expect(await turn({ data: { decision: 'retry-deploy' } })).toBe(6);
      expect(await turn({ data: { decision: null } })).toBe(7);
      expect((await ledger.get('p1')).turn).toBe(7);
      expect((await ledger.openFor('shop'))?.turn).toBe(7);
    });
  });
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof Refusal) return error.code;
      throw error;
    },
  );
}
