import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { digestOf } from '../../../src/domain/promotion/plan.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { Caller } from '../../../src/flows/requests/request.ts';
import { vote, withdrawVote } from '../../../src/flows/requests/vote.ts';
import { isApproved } from '../../../src/flows/steps/votes.ts';
import { MemoryRuns } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

/** A promotion of the house that runs beside the test, and people who vote as the handlers do. */
async function opened(policy: Partial<Policy> = {}, by = 'U_ADA') {
  const house = new House(policy, 60_000);
  const flow = (run: Parameters<typeof promote>[0], { promotionId }: { promotionId: string }) =>
    promote(run, house.ports, promotionId);
  const runs = new MemoryRuns({ clock: house.clock, flows: { promote: flow, rollback: flow } });
  const requests = house.requests({
    runs,
    newId: () => 'shop-0001',
  });
  const id = await house.open({ by });
  await runs.start('promote', id, { promotionId: id });
  await runs.idle(id);
  const caller = (user: string): Caller => ({ user, via: 'button', key: `${user}:${Math.random()}` });
  return {
    house,
    id,
    state: () => house.state(id),
    async approve(user: string) {
      const { digest } = await house.ledger.get(id);
      await vote(requests, caller(user), id, { decision: 'approve', digest: digest ?? '' });
      await runs.idle(id);
    },
    async withdraw(user: string) {
      await withdrawVote(requests, caller(user), id);
      await runs.idle(id);
    },
    wait: (ms: number) => house.clock.advance(ms).then(() => runs.idle(id)),
  };
}

const MANAGERS = { name: 'managers', who: { users: [], groups: ['managers'] }, count: 1 };

describe('approvals', () => {
  test('a required group: any two people are not enough without one of it', async () => {
    const { house, state, approve } = await opened({ approvals: 2, requirements: [MANAGERS] });
    house.people.groups.set('managers', ['U_LINUS']);
    house.people.profiles.set('U_MARY', {
      id: 'U_MARY',
      name: 'Mary',
      deleted: false,
      bot: false,
      restricted: false,
    });
    await approve('U_GRACE');
    await approve('U_MARY');
    expect(await state()).toBe('awaiting-approval');
    expect((await house.ledger.get('shop-0001')).data.voteCount).toEqual({
      missing: 1,
      wanted: ['managers'],
      of: 2,
    });
    await approve('U_LINUS');
    expect(await state()).not.toBe('awaiting-approval');
  });

  test('where a pipeline asked, whoever ran it may be the one who approves: it takes one approval more', async () => {
    const { house, id, state, approve } = await opened({ approvals: 1 }, 'pipeline ci');
    expect((await house.ledger.get(id)).data.plan?.policy).toMatchObject({ approvals: 2, pipeline: true });
    expect(house.slack.notices('ready')).toMatchObject([{ approvals: 2 }]);
    await approve('U_GRACE');
    expect(await state()).toBe('awaiting-approval');
    expect(house.slack.notices('approved')).toMatchObject([{ missing: 1 }]);
    await approve('U_LINUS');
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('where people may approve what they asked for, so may whoever ran a pipeline', async () => {
    const { house, approve } = await opened({ approvals: 1, selfApproval: true }, 'pipeline ci');
    await approve('U_GRACE');
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('a request of a pipeline that was counted before is counted anew where it acts', async () => {
    const { house, id } = await opened({ approvals: 1 }, 'pipeline ci');
    await house.approve(id, 'U_GRACE');
    const { plan } = (await house.ledger.get(id)).data;
    if (!plan) throw new Error('There is a plan.');
    // As an older version stored it.
    const old = { ...plan, policy: { approvals: 1, hash: plan.policy.hash } };
    await house.ledger.change(id, { digest: digestOf(old), data: { plan: old } });
    await house.approve(id, 'U_LINUS');
    expect(await isApproved(house.ports, id, old)).toBe(false);
    await house.approve(id, 'U_GRACE');
    expect(await isApproved(house.ports, id, old)).toBe(true);
  });

  test('taken back before the last one, an approval is asked for again', async () => {
    const { state, approve, withdraw, house } = await opened({ approvals: 2 });
    await approve('U_GRACE');
    await withdraw('U_GRACE');
    await approve('U_LINUS');
    expect(await state()).toBe('awaiting-approval');
    await approve('U_GRACE');
    expect(await state()).not.toBe('awaiting-approval');
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('whoever was deactivated since does not count', async () => {
    const { house, state, approve } = await opened({ approvals: 2 });
    await approve('U_GRACE');
    house.people.profiles.set('U_GRACE', {
      id: 'U_GRACE',
      name: 'G',
      deleted: true,
      bot: false,
      restricted: false,
    });
    await approve('U_LINUS');
    expect(await state()).toBe('awaiting-approval');
  });

  test('a vote that is stored when Slack falls silent is told at once, and counted when Slack answers again', async () => {
    const { house, state, approve, wait } = await opened({ approvals: 2 });
    await approve('U_GRACE');
    const { vote: store } = house.ledger;
    house.ledger.vote = async (...given) => {
      const votes = await store.apply(house.ledger, given);
      house.people.down = true;
      return votes;
    };
    await approve('U_LINUS');
    expect(await state()).toBe('awaiting-approval');
    expect(house.slack.notices('approved').at(-1)).toEqual({ kind: 'approved', by: 'U_LINUS', missing: 0 });
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    house.people.down = false;
    await wait(10 * 60_000);
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('whoever leaves the group or the company before the last count does not count in it', async () => {
    const { house, state, approve } = await opened({ approvals: 2, requirements: [MANAGERS] });
    house.people.groups.set('managers', ['U_GRACE']);
    await approve('U_GRACE');
    house.people.groups.set('managers', []);
    await approve('U_LINUS');
    expect(await state()).toBe('awaiting-approval');
    house.people.groups.delete('managers');
    await approve('U_ALAN');
    expect(await state()).toBe('awaiting-approval');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });

  test('authors are kept from approving their own commits, by their email', async () => {
    const { house, approve } = await opened({ approvals: 1, excludeAuthors: true });
    const profile = { deleted: false, bot: false, restricted: false };
    house.people.profiles.set('U_GRACE', {
      id: 'U_GRACE',
      name: 'Grace',
      email: 'Dev@shop.test',
      ...profile,
    });
    await expect(approve('U_GRACE')).rejects.toMatchObject({ code: 'author-approval' });
    await expect(approve('U_LINUS')).rejects.toMatchObject({ code: 'author-approval' });
    house.people.profiles.set('U_LINUS', {
      id: 'U_LINUS',
      name: 'Linus',
      email: 'linus@shop.test',
      ...profile,
    });
    await approve('U_LINUS');
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('a staging approval that is withdrawn while people vote voids what was given', async () => {
    const { house, state, approve } = await opened({ approvals: 2 });
    await approve('U_GRACE');
    house.repository.push('main', 'docs: withdrawn', {
      [STATE]: stateFile(house.validated, { staging: 'rejected' }),
    });
    await approve('U_LINUS');
    expect(await state()).toBe('blocked');
    expect((await house.ledger.approvals('shop-0001')).some((one) => one.valid)).toBe(false);
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });

  test('withdrawn between release and deploy: nothing is deployed, people are asked again', async () => {
    const { house, state, approve } = await opened({ approvals: 1 });
    const cut = house.repository.cutRelease.bind(house.repository);
    let once = true;
    house.repository.cutRelease = async (...given) => {
      const release = await cut(...given);
      if (once)
        house.repository.push('main', 'docs: no', {
          [STATE]: stateFile(house.validated, { staging: 'rejected' }),
        });
      once = false;
      return release;
    };
    await approve('U_GRACE');
    expect(await state()).toBe('blocked');
    expect(house.target.started).toHaveLength(0);
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('expires when nobody approves in time', async () => {
    const { state, wait } = await opened({ approvalsExpireMs: 600_000 });
    await wait(700_000);
    expect(await state()).toBe('expired');
  });
});
