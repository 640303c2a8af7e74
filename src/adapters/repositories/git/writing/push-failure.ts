import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { isAboutTag, isHostTrouble, ruleFact } from '../../push-rule.ts';
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
      if (isHostTrouble(reason)) return clone.failure({ code: 1, stderr: reason });
      // Of a hook that looks at the whole push, only its words tell which ref it means.
      const isTag = refs.length === 1 || isAboutTag(reason);
      const tag = isTag ? refs.find((ref) => ref.startsWith(TAGS)) : undefined;
      if (tag === undefined) return notWritable(clone, branch, reason);
      const facts = { tag: tag.slice(TAGS.length), remote: clone.remote.url, reason };
      return new Refusal('tag-refused', { ...facts, ...ruleFact(reason) });
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
  return new Refusal('not-writable', { remote: clone.remote.url, branch, reason, ...ruleFact(reason) });
}
