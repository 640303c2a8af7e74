import { nextChange } from '../../domain/policy/freeze.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { freezeOf } from '../locks/barriers.ts';
import { inAnEmergency } from './overrides.ts';
import type { Gate } from './port.ts';

export const notFrozen: Gate = {
  id: 'not-frozen',
  title: 'Freezes',
  askedAgain: true,
  async check({ ports }) {
    const freeze = freezeOf(ports);
    if (freeze) {
      const { until } = freeze;
      const { name, policy } = ports.service;
      const isInTime = until !== undefined && until <= ports.clock.now() + policy.approvalsExpireMs;
      const way = isInTime
        ? 'Wait until it is over: a promotion that waits then goes on by itself.'
        : `A promotion waits for ${durationInWords(policy.approvalsExpireMs)} at most, and expires before this is over: start it then, or plan that now: /ship-prod schedule ${name} after the freeze.`;
      return {
        verdict: 'failed',
        reason: freeze.words,
        ...(until === undefined ? {} : { moment: { words: 'until', at: until } }),
        ...(isInTime ? { clearsAt: until } : {}),
        barriers: [freeze.key],
        remedy: `${way}${inAnEmergency(policy)}`,
      };
    }
    const rules = ports.service.policy.freeze;
    const next = nextChange(rules, ports.clock.now());
    return {
      verdict: 'passed',
      reason:
        rules.length === 0 ? 'The configuration has no freeze windows.' : 'No freeze window is in force.',
      ...(next === null ? {} : { moment: { words: 'The next one begins', at: next } }),
    };
  },
};
