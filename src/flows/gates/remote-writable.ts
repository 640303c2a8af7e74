import type { Gate } from './port.ts';

export const remoteWritable: Gate = {
  id: 'remote-writable',
  title: 'Repository',
  askedAgain: false,
  async check({ ports }) {
    const { branch } = ports.service;
    const known = await ports.repository.writable(branch);
    if (known) return { verdict: 'passed', reason: known, notable: true };
    return { verdict: 'passed', reason: `The remote answers and ${branch} can be pushed.` };
  },
};
