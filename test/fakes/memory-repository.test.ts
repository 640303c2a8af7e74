import { repositoryContract } from '../contracts/repository.ts';
import { MemoryRepository } from './memory-repository.ts';

repositoryContract({
  name: 'MemoryRepository',
  make: async () => {
    const repository = new MemoryRepository();
    return {
      repository,
      another: () => repository,
      push: repository.push.bind(repository),
      tag: repository.tag.bind(repository),
      protect: (branch) => repository.protectedBranches.add(branch),
      loseNextAnswer: () => {
        repository.failNext('cutRelease', undefined, 'after');
        repository.failNext('commitFiles', undefined, 'after');
      },
      remove: async () => undefined,
    };
  },
});
