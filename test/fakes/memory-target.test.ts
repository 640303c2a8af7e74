import { targetContract } from '../contracts/target.ts';
import { MemoryTarget } from './memory-target.ts';

targetContract({
  name: 'MemoryTarget',
  make: async () => {
    const target = new MemoryTarget();
    target.rounds = 2;
    target.undeployable.add('c'.repeat(40));
    return {
      target,
      another: () => target,
      first: { version: '1.0.0', tag: 'v1.0.0', commit: 'a'.repeat(40) },
      second: { version: '1.1.0', tag: 'v1.1.0', commit: 'b'.repeat(40) },
      unknown: { version: '9.0.0', tag: 'v9.0.0', commit: 'c'.repeat(40) },
      deployments: () => target.started.length,
      loseNextAnswer: () => target.failNext('start', undefined, 'after'),
      intrude: async () => {
        target.current = { commit: 'd'.repeat(40) };
      },
      remove: async () => undefined,
    };
  },
});
