import { beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { recordValidation } from '../../../src/domain/state-file/record-validation.ts';
import { recordRollback } from '../../../src/domain/state-file/update.ts';
import { offerReady } from '../../../src/flows/jobs/offer-ready.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { startPromotion } from '../../../src/flows/requests/start.ts';
import { House, STATE, stateFile } from '../house.ts';

const ROLLED_BACK = Date.parse('2030-01-05T10:00:00Z');
const INCIDENT = 'specs/014-coupons/incident-1.3.0.md';

describe('a feature that was rolled back', () => {
  let house: House;
  let requests: RequestContext;
  let serial = 0;
  const caller = (): Caller => ({ user: 'U_ADA', via: 'command', key: `command:${++serial}` });
  const start = () => startPromotion(requests, caller(), { service: 'shop', bump: 'auto' });

  beforeEach(async () => {
    house = new House();
    requests = house.requests({ newId: () => 'shop-0002' });
    await house.open();
    const to = { version: '1.2.0', tag: 'v1.2.0', commit: 'a'.repeat(40) };
    const at = house.clock.now();
    await house.ledger.change('shop-0001', {
      to: 'rolled-back',
      data: {
        release: { version: '1.3.0', tag: 'v1.3.0', commit: house.validated },
        rollback: { to, by: null, reason: 'errors', startedAt: at, finishedAt: at, incidentPath: INCIDENT },
      },
    });
    const text = recordRollback(STATE, stateFile(house.validated), { to, at: ROLLED_BACK, reason: 'errors' });
    house.repository.push('main', 'docs: rolled back', { [STATE]: text });
  });

  test('is not proposed again as it is: one sentence for whoever asks, and no card', async () => {
    await expect(start()).rejects.toMatchObject({
      code: 'feature-rolled-back',
      facts: { feature: 'What was shipped last', version: '1.3.0', incident: INCIDENT },
    });
    expect(await house.ledger.openFor('shop')).toBeNull();
  });

  test('is named where people name it', async () => {
    const wish = { service: 'shop', bump: 'auto', feature: '014-coupons' } as const;
    await expect(startPromotion(requests, caller(), wish)).rejects.toMatchObject({
      code: 'feature-rolled-back',
      facts: { feature: '014-coupons' },
    });
  });

  test('may be proposed by whoever mends it, and when nobody can read the files', async () => {
    const refs = house.repository.refs.bind(house.repository);
    house.repository.refs = async () => {
      house.repository.refs = refs;
      throw new Unavailable('the git host', 'does not answer');
    };
    await expect(start()).resolves.toMatchObject({ id: 'shop-0002' });
  });

  test('is offered, with the incident, once staging has validated it again', async () => {
    const look = () => offerReady(house, house.ports);
    const told = async () => (await house.ledger.openPrompts()).map(({ prompt }) => prompt);
    await look();
    expect(await told()).toEqual([]);
    const later = '2030-02-01T10:00:00Z';
    const blob = house.repository.push('main', 'fix: the till', { 'src/till.js': 'mended' });
    const before = recordRollback(STATE, stateFile(blob), {
      to: { version: '1.2.0', tag: 'v1.2.0', commit: 'a'.repeat(40) },
      at: ROLLED_BACK,
      reason: 'errors',
    });
    const text = before.replaceAll(/(deployed_at|approved_at|validated_at|timestamp): .*/g, `$1: '${later}'`);
    house.repository.push('main', 'docs: staged again', { [STATE]: text });
    await look();
    // The word `approved` is still that of before the rollback.
    expect(await told()).toEqual([]);
    await expect(start()).rejects.toMatchObject({ code: 'feature-rolled-back' });
    const validated = recordValidation(STATE, text, { by: 'Grace', at: Date.parse(later), commit: blob });
    house.repository.push('main', 'docs: validated again', { [STATE]: validated });
    await look();
    expect(await told()).toMatchObject([{ kind: 'offer', feature: '014-coupons' }]);
    await expect(start()).resolves.toMatchObject({ id: 'shop-0002' });
  });
});
