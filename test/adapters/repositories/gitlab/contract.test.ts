import { repositoryContract } from '../../../contracts/repository.ts';
import { gitlabWorld } from './gitlab-world.ts';

repositoryContract({
  name: 'gitlab, below a path and in subgroups',
  make: () =>
    gitlabWorld({ protected: 'refuse' }, { project: 'acme/web/team.one/shop', prefix: '/tools/gitlab' }),
});
