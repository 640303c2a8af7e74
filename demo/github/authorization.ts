import { type Caller, hasScope, isAllowed, permissionFor } from './access.ts';
import { type Answer, type RepositoryState, refused } from './model.ts';

/** `owner/name` of the repository that an operation is about; absent when it is about none. */
type Params = Readonly<Record<string, string>>;

/** Why somebody may not ask this of the repository, in GitHub's words; null when they may. */
export function refusalOf(
  caller: Exclude<Caller, { kind: 'refused' }>,
  operation: string,
  { owner, repo }: Params,
  repository: RepositoryState,
): Answer | null {
  if (owner === undefined) return null;
  const found = `${owner}/${repo}` === repository.fullName && sees(caller, operation, repository);
  if (!found) return refused(404, 'Not Found');
  const needed = permissionFor(operation);
  if (caller.kind !== 'token' || isAllowed(caller.permissions, needed)) return null;
  const who = caller.isApp ? 'integration' : 'personal access token';
  return refused(403, `Resource not accessible by ${who}`, {
    'x-accepted-github-permissions': `${needed.name}=${needed.level}`,
  });
}

/** An app by itself sees only that it is installed; a classic token without `repo` sees no private repository. */
function sees(caller: Caller, operation: string, repository: RepositoryState): boolean {
  const asApp = operation.endsWith('/installation');
  if (caller.kind !== 'token') return asApp;
  const isHidden = repository.private && caller.scopes !== null && !hasScope(caller.scopes, 'repo');
  return caller.sees && !asApp && !isHidden;
}
