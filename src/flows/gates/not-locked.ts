import type { Gate } from './gate.ts';

export const notLocked: Gate = {
  id: 'not-locked',
  title: 'No lock',
  async check({ ports }) {
    const { name } = ports.service;
    const lock = await ports.ledger.lockOf(name);
    if (lock === null) return { verdict: 'passed', reason: `Nobody has locked ${name}.` };
    return {
      verdict: 'failed',
      reason: `${name} is locked: ${lock.reason}`,
      remedy: `When the reason is gone, run /ship-prod unlock ${name}, then re-check.`,
    };
  },
};
