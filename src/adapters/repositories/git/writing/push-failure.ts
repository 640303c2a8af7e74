import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Clone } from '../clone.ts';
import type { PushResult } from '../push.ts';

const TAGS = 'refs/tags/';

/** Why a push did not do what it was to do. `branch`: the branch or tag that it was about. */
export function pushFailure(
  clone: Clone,
  result: Exclude<PushResult, { kind: 'pushed' }>,
  branch: string,
): Error {
  switch (result.kind) {
    case 'broken':
      return clone.failure(result);
    case 'refused': {
      const { reason, refs } = result;
      const [tag] = refs.length === 1 ? refs.filter((ref) => ref.startsWith(TAGS)) : [];
      return tag === undefined
        ? notWritable(clone, branch, reason)
        : new Refusal('tag-refused', { tag: tag.slice(TAGS.length), remote: clone.remote.url, reason });
    }
    case 'stale': {
      const stderr = `the remote did not take ${branch} and says that it has not moved`;
      return clone.failure({ code: 1, stderr });
    }
    case 'atomic-unsupported':
      return notWritable(clone, branch, 'the host cannot push branch and tag together');
  }
}

export function notWritable(clone: Clone, branch: string, reason: string): Refusal {
  return new Refusal('not-writable', { remote: clone.remote.url, branch, reason });
}
