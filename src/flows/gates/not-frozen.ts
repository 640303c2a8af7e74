import { nextChange } from '../../domain/policy/freeze.ts';
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
      return {
        verdict: 'failed',
        reason: freeze.words,
        ...(freeze.until === undefined
          ? {}
          : { moment: { words: 'until', at: freeze.until }, clearsAt: freeze.until }),
        barriers: [freeze.key],
        remedy: `Wait until it is over: a promotion that waits then goes on by itself.${inAnEmergency(ports.service.policy)}`,
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
