import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { metricsAnswer } from '../../../src/flows/gates/metrics-answer.ts';
import { runGates } from '../../../src/flows/gates/run-gates.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { House } from '../house.ts';

async function ask(blindMonitor: 'allow' | 'refuse', change: (house: House) => void = () => {}) {
  const house = new House({ blindMonitor });
  change(house);
  const facts = new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
  const [gate] = await runGates([metricsAnswer], facts);
  return { ...gate, away: facts.unavailable.size };
}

const down = ({ metrics }: House) => void metrics.down(true);
const blind = ({ metrics }: House) => void metrics.blind('it has no series of it');
const shipsAllTheSame = 'The policy allows to ship all the same: nobody may see that production suffers.';

describe('the gate of the metrics', () => {
  test('keeps a blind monitor from shipping', async () => {
    expect(await ask('refuse', down)).toMatchObject({ verdict: 'unknown', away: 1 });
    expect(await ask('refuse', blind)).toMatchObject({ verdict: 'failed' });
  });

  test('lets one ship where the policy allows it, and says so before the approval', async () => {
    expect(await ask('allow', down)).toMatchObject({
      verdict: 'passed',
      reason: `the metrics source: connection refused. ${shipsAllTheSame}`,
      notable: true,
      away: 0,
    });
    expect(await ask('allow', blind)).toMatchObject({
      verdict: 'passed',
      reason: `The metrics source memory cannot see the service: it has no series of it. ${shipsAllTheSame}`,
      notable: true,
    });
  });

  test('says nothing of it when all is seen', async () => {
    const seen = await ask('allow');
    expect(seen).toMatchObject({ verdict: 'passed', reason: 'The source answers.' });
    expect(seen).not.toHaveProperty('notable');
  });

  test('does not take what is set up wrongly for blindness', async () => {
    const refused = await ask('allow', ({ metrics }) => {
      metrics.preflight = () =>
        Promise.reject(new Refusal('metrics-unauthorised', { source: 'm', status: 401 }));
    });
    expect(refused).toMatchObject({ verdict: 'failed' });
  });
});
