import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../support/whole.ts';
import { happening } from './happenings.ts';
import { ServiceLife } from './service-life.ts';

test('nothing goes live that was not approved on its digest, shipped before, or vouched for', async () => {
  let deployments = 0;
  let rollbacks = 0;
  const tries = runs({ sample: 50, whole: 120 });
  const lives = fc.array(happening, { minLength: 5, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(lives, async (happenings) => {
      const outcome = await new ServiceLife().live(happenings);
      deployments += outcome.deployments;
      rollbacks += outcome.rollbacks;
      expect(outcome.wrongs).toEqual([]);
    }),
    { numRuns: tries },
  );
  // Much of it does go live, and back.
  expect(deployments).toBeGreaterThan(tries / 2);
  expect(rollbacks).toBeGreaterThan(tries / 10);
}, 600_000);
