import type { Call, RepositoryState, Rule } from './model.ts';

/** Whether a rule is for a branch of this name. */
export function isOf({ branch }: Rule, name: string): boolean {
  return branch === '~ALL' || branch === name;
}

/** `refs/heads/main` has rules that stop the caller: GitHub's sentence, or null. */
export function ruleAgainst({ repository }: Call, branch: string, sha: string): string | null {
  const broken = repository.rules
    .filter((rule) => isOf(rule, branch) && rule.bypass !== 'always')
    .map((rule) => brokenBy(repository, rule, sha))
    .filter((sentence) => sentence !== null);
  return broken.length === 0 ? null : `Repository rule violations found\n\n${broken.join('\n')}\n`;
}

/** Whether a rule forbids the caller to move a branch back. */
export function isForwardOnly({ repository }: Call, branch: string): boolean {
  return repository.rules.some(
    (rule) => isOf(rule, branch) && rule.bypass !== 'always' && rule.type === 'non_fast_forward',
  );
}

/** What the rules have against making a branch: GitHub's sentence, or null. */
export function creationRuleAgainst({ repository }: Call, branch: string, sha: string): string | null {
  const broken = repository.rules
    .filter((rule) => isOf(rule, branch) && rule.bypass !== 'always')
    .map(({ type, parameters }) => {
      const { pattern = '', operator = '' } = (parameters ?? {}) as Record<string, string>;
      if (type === 'creation') return 'Cannot create ref due to creations being restricted.';
      if (type === 'required_signatures')
        return repository.signed.has(sha) ? null : 'Commits must have verified signatures.';
      if (type !== 'branch_name_pattern') return null;
      const isWanted =
        operator === 'starts_with' ? branch.startsWith(pattern) : new RegExp(pattern).test(branch);
      return isWanted ? null : `Branch name must match a given pattern: ${pattern}`;
    })
    .filter((sentence) => sentence !== null);
  return broken.length === 0 ? null : `Repository rule violations found\n\n${broken.join('\n')}\n`;
}

/** What a ruleset of tags has against making or deleting one: GitHub's sentence, or null. */
export function tagRuleAgainst(
  { repository }: Call,
  tag: string,
  act: 'creation' | 'deletion',
): string | null {
  const fits = (pattern: string) =>
    pattern === '~ALL' ||
    (pattern.endsWith('*')
      ? `refs/tags/${tag}`.startsWith(pattern.slice(0, -1)) &&
        !`refs/tags/${tag}`.slice(pattern.length - 1).includes('/')
      : pattern === `refs/tags/${tag}`);
  const broken = repository.tagRulesets
    .filter(
      ({ include, exclude, bypass, enforcement }) =>
        enforcement === 'active' &&
        (bypass === 'never' || bypass === 'pull_requests_only') &&
        include.some(fits) &&
        !exclude.some(fits),
    )
    .flatMap(({ rules }) => rules.filter(({ type }) => type === act || type === 'tag_name_pattern'))
    .map(({ type, parameters }) => {
      if (type === 'creation') return 'Cannot create ref due to creations being restricted.';
      if (type === 'deletion') return 'Cannot delete this tag';
      const { pattern = '', operator = '' } = (parameters ?? {}) as Record<string, string>;
      const isWanted = operator === 'starts_with' ? tag.startsWith(pattern) : new RegExp(pattern).test(tag);
      return isWanted || act === 'deletion' ? null : `Tag name must match the pattern: ${pattern}`;
    })
    .filter((sentence) => sentence !== null);
  return broken.length === 0 ? null : `Repository rule violations found\n\n${broken.join('\n')}\n`;
}

function brokenBy(repository: RepositoryState, { type, contexts }: Rule, sha: string): string | null {
  switch (type) {
    case 'pull_request':
      return 'Changes must be made through a pull request.';
    case 'merge_queue':
      return 'Changes must be made through the merge queue';
    case 'update':
      return 'Cannot update this protected ref.';
    case 'required_status_checks': {
      const missing = contexts.filter((name) => !isGreen(repository, sha, name));
      return missing.length === 0 ? null : `Required status check "${missing.join('", "')}" is expected.`;
    }
    case 'creation':
    case 'non_fast_forward':
    case 'branch_name_pattern':
    case 'commit_author_email_pattern':
    case 'commit_message_pattern':
    case 'required_signatures':
    case 'required_linear_history':
      return null;
  }
}

export function isGreen({ checks, statuses }: RepositoryState, sha: string, name: string): boolean {
  const run = checks.get(sha)?.findLast((check) => check.name === name);
  if (run)
    return run.conclusion === 'success' || run.conclusion === 'neutral' || run.conclusion === 'skipped';
  return statuses.get(sha)?.findLast((status) => status.context === name)?.state === 'success';
}
