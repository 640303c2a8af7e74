import { beforeEach, describe, expect, test } from 'vitest';
import { mayValidate, validateStaging } from '../../../src/flows/requests/features.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { House, STATE, stateFile } from '../house.ts';

describe('validating staging from Slack', () => {
  let house: House;
  let requests: RequestContext;
  let serial = 0;
  const by = (user: string): Caller => ({ user, via: 'button', key: `${++serial}` });
  const pending = () => {
    house.repository.push('main', 'docs: not yet', {
      [STATE]: stateFile(house.validated, { staging: 'pending' }),
    });
  };

  beforeEach(() => {
    house = new House();
    requests = house.requests({ newId: () => 'shop-0001' });
    pending();
  });

  test('is for those who may approve', async () => {
    const guest = { id: 'U_GUEST', name: 'guest', deleted: false, bot: false, restricted: true };
    house.people.profiles.set('U_GUEST', guest);
    const seen = { feature: '014-coupons', commit: house.validated };
    await expect(mayValidate(requests, by('U_GUEST'), 'shop')).rejects.toMatchObject({
      code: 'person-not-full-member',
    });
    await expect(validateStaging(requests, by('U_GUEST'), 'shop', seen)).rejects.toMatchObject({
      code: 'person-not-full-member',
    });
    expect(await gate()).toBe('failed');
  });

  async function gate(): Promise<string | undefined> {
    const { gates } = await inspect(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
    return gates.find(({ id }) => id === 'staging-validation')?.verdict;
  }

  test('records who, when and which commit, and the gate passes', async () => {
    const staging = await mayValidate(requests, by('U_GRACE'), 'shop');
    expect(staging).toMatchObject({ feature: '014-coupons', path: STATE, commit: house.validated });
    expect(staging.said).toContain('pending');
    await validateStaging(requests, by('U_GRACE'), 'shop', staging);
    const tip = house.repository.branches.get('main') ?? '';
    const [file] = await house.repository.read(tip, [STATE]);
    const text = new TextDecoder().decode(file?.bytes);
    expect(text).toContain(`validated_commit: ${house.validated}`);
    expect(text).toMatch(/validated_by: .*\n/);
    expect(await gate()).toBe('passed');
    const trail = await house.ledger.auditTrail({ limit: 9 });
    expect(trail.map(({ action, result }) => `${action} ${result}`)).toContain('staging.validated done');
  });

  test('is refused when staging has another commit than the person saw', async () => {
    const seen = { feature: '014-coupons', commit: 'f'.repeat(40) };
    await expect(validateStaging(requests, by('U_GRACE'), 'shop', seen)).rejects.toMatchObject({
      code: 'staging-moved',
    });
    expect(await gate()).toBe('failed');
  });
});
