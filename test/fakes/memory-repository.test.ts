import { forgeContract } from '../contracts/repository.ts';
import { MemoryForge } from './memory-repository.ts';

forgeContract({
  name: 'MemoryForge',
  make: async () => {
    const forge = new MemoryForge();
    return {
      forge,
      another: () => forge,
      push: forge.push.bind(forge),
      tag: forge.tag.bind(forge),
      protect: (branch) => forge.protectedBranches.add(branch),
      loseNextAnswer: () => {
        forge.failNext('cutRelease', undefined, 'after');
        forge.failNext('commitFiles', undefined, 'after');
      },
      remove: async () => undefined,
    };
  },
});
