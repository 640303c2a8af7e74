import { beforeEach, describe, expect, test } from 'vitest';
import type { PromotionData, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { acknowledgeDebt } from '../../../src/flows/requests/break-glass.ts';
import { lockService, unlockService } from '../../../src/flows/requests/locks.ts';
import { countReport } from '../../../src/flows/requests/report.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { vote, withdrawVote } from '../../../src/flows/requests/vote.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';

/** The methods of an object, with some of them replaced. */
function methodsOf(replaced: Readonly<Record<string, unknown>>) {
  return (of: object, name: string | symbol): unknown => {
    const found: unknown = replaced[String(name)] ?? Reflect.get(of, name);
    return typeof found === 'function' ? found.bind(of) : found;
  };
}

/** A process that is killed at once after it stored a decision: whatever it wanted to do then is not done. */
describe('what was decided is in the thread, also when the process dies right after', () => {
  let house: House;

  beforeEach(async () => {
    house = new House({ approvals: 2, override: { users: ['U_ADA'], groups: [] } });
    await house.open();
  });

  const by = (user: string): Caller => ({ user, via: 'button', key: `${user}:1` });
  const to = (state: PromotionState, data: Partial<PromotionData> = {}, digest: string | null = null) =>
    house.ledger.change(ID, { to: state, data, digest });

  /** Everything after this call of the ledger fails, as if nobody were there to do it. */
  function killedAfter(method: keyof Ledger): RequestContext {
    let isDead = false;
    const alive = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (of, name) => {
          const found: unknown = Reflect.get(of, name);
          if (typeof found !== 'function') return found;
          return async (...args: unknown[]) => {
            if (isDead) throw new Error('killed');
            const answer: unknown = await found.apply(of, args);
            if (name === method && (of as unknown) === house.ledger) isDead = true;
            return answer;
          };
        },
      });
    const ledger = alive(house.ledger as Ledger);
    const ports: Ports = { ...house.ports, ledger, slack: alive(house.slack) };
    return house.requests({ ledger, services: new Map([['shop', ports]]) });
  }

  test('a vote, and how many are missing', async () => {
    await to('awaiting-approval', {}, 'd1');
    const requests = killedAfter('vote');
    await expect(vote(requests, by('U_GRACE'), ID, { decision: 'approve', digest: 'd1' })).rejects.toThrow();
    expect(house.slack.said.map(({ notice }) => notice)).toMatchObject([{ kind: 'approved', by: 'U_GRACE' }]);
    expect(house.slack.refreshed).toEqual([ID]);
  });

  test('a vote that is taken back', async () => {
    await to('awaiting-approval', {}, 'd1');
    await house.approve(ID);
    await expect(withdrawVote(killedAfter('withdrawVote'), by('U_GRACE'), ID)).rejects.toThrow();
    expect(house.slack.notices('withdrawn')).toHaveLength(1);
    expect(house.slack.refreshed).toEqual([ID]);
  });

  test('the lock of a rollback that is taken off: its card does not offer that any more', async () => {
    await to('rolled-back');
    await house.ledger.lock({ service: 'shop', owner: 'U_ADA', reason: 'Rolled back', promotionId: ID });
    const unlocking = unlockService(killedAfter('unlock'), by('U_ADA'), 'shop', { because: 'mended' });
    await expect(unlocking).rejects.toThrow('killed');
    expect((await house.ledger.get(ID)).data.unlocked).toBe(true);
    expect(house.slack.notices('unlocked')).toEqual([{ kind: 'unlocked', by: 'U_ADA', reason: 'mended' }]);
    expect(house.slack.refreshed).toEqual([ID]);
  });

  test('the lock of a rollback that is taken over', async () => {
    await to('rolled-back');
    await house.ledger.lock({ service: 'shop', owner: 'U_ADA', reason: 'Rolled back', promotionId: ID });
    const wish = { service: 'shop', reason: 'I look after it', steal: true };
    await expect(lockService(killedAfter('stealLock'), by('U_GRACE'), wish)).rejects.toThrow('killed');
    expect(house.slack.notices('lock-stolen')).toMatchObject([{ by: 'U_GRACE', from: 'U_ADA' }]);
  });

  test('who looks after a failure', async () => {
    const since = house.clock.now();
    await to('deploying', { decision: 'retry-deploy', asked: { since } });
    await expect(steer(killedAfter('change'), by('U_GRACE'), ID, { kind: 'take' })).resolves.toBeDefined();
    expect(house.slack.notices('alarm-taken')).toEqual([{ kind: 'alarm-taken', by: 'U_GRACE' }]);
    expect(house.slack.refreshed).toEqual([ID]);
  });

  test('a debt that is acknowledged', async () => {
    const at = house.clock.now();
    const override = {
      id: 'o1',
      by: 'U_ADA',
      reason: 'the till is down',
      barriers: [],
      over: [],
      at,
      due: at,
    };
    await house.ledger.change(ID, { override });
    await expect(acknowledgeDebt(killedAfter('acknowledge'), by('U_GRACE'), ID)).rejects.toThrow('killed');
    expect(house.slack.notices('debt-acknowledged')).toMatchObject([{ by: 'U_GRACE', owners: ['U_ADA'] }]);
  });

  test('a report whose process died before it was stored counts when it is told again', async () => {
    await to('verifying');
    const report = { key: 'm1', place: 'channel', by: 'U_EVE', isPerson: true, text: 'broken' } as const;
    const ledger: Ledger = house.ledger;
    const claim = async () => {
      throw new Error('killed');
    };
    const dying = house.requests({ ledger: new Proxy<Ledger>(ledger, { get: methodsOf({ claim }) }) });
    await expect(countReport(dying, 'shop', report)).rejects.toThrow('killed');
    expect(await countReport(house.requests(), 'shop', report)).toBe('counted');
    expect(await countReport(house.requests(), 'shop', report)).toBe('same');
    expect(await countReport(house.requests(), 'shop', { ...report, key: 'm2' })).toBe('same');
  });
});
