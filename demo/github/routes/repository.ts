import { isOf } from '../branch-rules.ts';
import { GithubError, ok, type Routes } from '../model.ts';
import { commitBody } from './history.ts';

const ROOT = '/repos/{owner}/{repo}';

/** The repository itself and its branches. */
export const repositoryRoutes: Routes = {
  [`GET ${ROOT}`]: ({ repository, caller, web }) => {
    const [owner = '', name = ''] = repository.fullName.split('/');
    const may = caller.kind === 'token' && caller.permissions['contents'] === 'write';
    return ok({
      id: 1,
      node_id: 'R_1',
      name,
      full_name: repository.fullName,
      owner: { login: owner, id: 1, type: 'Organization' },
      private: repository.private,
      html_url: `${web}/${repository.fullName}`,
      default_branch: repository.defaultBranch,
      archived: false,
      disabled: false,
      // Only those who may write are told.
      ...(may
        ? {
            allow_merge_commit: repository.mergeMethods.has('merge'),
            allow_squash_merge: repository.mergeMethods.has('squash'),
            allow_rebase_merge: repository.mergeMethods.has('rebase'),
          }
        : {}),
      permissions: { admin: false, maintain: false, push: may, triage: may, pull: true },
    });
  },
  [`GET ${ROOT}/branches/{branch}`]: async (call) => {
    const branch = call.params['branch'] ?? '';
    const { store, rules } = call.repository;
    if (await store.isEmpty()) throw new GithubError(404, 'Not Found');
    const ref = await store.ref(`heads/${branch}`);
    const renamed = call.repository.renamed.get(branch);
    if (!ref && renamed !== undefined) {
      const location = `${call.api}/repos/${call.repository.fullName}/branches/${renamed}`;
      return { status: 301, headers: { location }, body: { message: 'Moved Permanently' } };
    }
    if (!ref) throw new GithubError(404, 'Branch not found');
    const own = rules.filter((rule) => isOf(rule, branch));
    const contexts = own.flatMap((rule) => rule.contexts);
    return ok({
      name: branch,
      commit: commitBody(call, await store.commit(ref.sha)),
      protected: own.length > 0,
      protection: {
        enabled: own.length > 0,
        required_status_checks: {
          enforcement_level: contexts.length > 0 ? 'everyone' : 'off',
          contexts,
          checks: [],
        },
      },
    });
  },
};
