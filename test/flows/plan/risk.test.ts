import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { riskOf } from '../../../src/flows/plan/risk.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { House } from '../house.ts';

async function looked(house: House) {
  const { plan } = await inspect(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
  if (plan === null) throw new Error('no plan');
  return { plan, risk: await riskOf(house.ports, 'shop-0001', plan) };
}

describe('what people look at before they approve', () => {
  it('is counted from what is live', async () => {
    const house = new House();
    const { plan, risk } = await looked(house);
    const live = plan.rollbackTo?.commit ?? '';
    expect(risk.files).toBe((await house.repository.changed(live, plan.candidate.commit)).length);
    expect(risk.authors.length).toBeGreaterThan(0);
    expect(risk.commits?.length).toBe(plan.commits.total);
    expect(risk.commits?.[0]).toMatchObject({
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      subject: expect.any(String),
      author: expect.any(String),
    });
    expect(risk.last).toEqual([]);
  });

  it('holds nothing up when the host does not answer', async () => {
    const house = new House();
    const { plan } = await looked(house);
    house.repository.changed = async () => {
      throw new Unavailable('the git host', 'does not answer');
    };
    const risk = await riskOf(house.ports, 'shop-0001', plan);
    expect(risk.files).toBeUndefined();
    expect(risk.touched).toEqual([]);
  });
});
