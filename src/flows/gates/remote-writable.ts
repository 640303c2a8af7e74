import type { Gate } from './gate.ts';

export const remoteWritable: Gate = {
  id: 'remote-writable',
  title: 'Repository',
  async check({ ports }) {
    const { branch } = ports.service;
    const known = await ports.forge.writable(branch);
    return { verdict: 'passed', reason: known ?? `The remote answers and ${branch} can be pushed.` };
  },
};
