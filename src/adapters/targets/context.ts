import type { TagForm } from '../../domain/release/tag-form.ts';
import type { RepositorySettings } from '../repositories/index.ts';
import type { Repository } from '../repositories/port.ts';
import type { AdapterContext } from '../shared/context.ts';

/** What a target is opened with besides its own settings. */
export interface TargetContext extends AdapterContext {
  /** Where the releases of the service are cut; targets that deploy from git use it by default. */
  readonly repository: RepositorySettings;
  /** How the tags of its releases are named. */
  readonly tags: TagForm;
  /** Where it is one of several targets of the service: its name, which keys of its orders end with. */
  readonly wave?: string;
  /** Where it is one of several targets of the service: whether an order with this key is one of its own. */
  readonly isOwn?: (key: string) => boolean;
  /** Refusals of the repository. */
  openRepository(settings: RepositorySettings): Repository;
}
