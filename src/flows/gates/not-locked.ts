import { durationInWords } from '../../domain/text/duration.ts';
import { locksOn } from '../locks/barriers.ts';
import { inAnEmergency } from './overrides.ts';
import type { Gate } from './port.ts';

/** Passes when neither the service nor everything is locked. */
export const notLocked: Gate = {
  id: 'not-locked',
  title: 'Locks',
  askedAgain: true,
  async check({ ports }) {
    const { name, policy } = ports.service;
    const locks = await locksOn(ports);
    if (locks.length === 0) return { verdict: 'passed', reason: `Nobody has locked ${name}.` };
    // With several the last to end counts; one without an end never does by itself.
    const ends = locks.map(({ until }) => until ?? Number.POSITIVE_INFINITY);
    const end = Math.max(...ends);
    const isInTime = end <= ports.clock.now() + policy.approvalsExpireMs;
    const atMost = isInTime
      ? ''
      : ` It waits for ${durationInWords(policy.approvalsExpireMs)} at most, and expires then.`;
    const isAll = locks.some(({ kind }) => kind === 'stop');
    return {
      verdict: 'failed',
      reason: locks.map(({ words }) => words).join('; '),
      ...(locks.length === 1 && locks[0]?.owner ? { by: locks[0].owner } : {}),
      ...(Number.isFinite(end) ? { moment: { words: 'until', at: end } } : {}),
      ...(isInTime ? { clearsAt: end } : {}),
      barriers: locks.map(({ key }) => key),
      remedy: `When the reason is gone, run /ship-prod ${isAll ? 'thaw all' : `unlock ${name}`} because …: a promotion that waits then goes on by itself.${atMost}${inAnEmergency(policy)}`,
    };
  },
};
