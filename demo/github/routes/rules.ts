import { GithubError, ok, paged, type Routes } from '../model.ts';

const ROOT = '/repos/{owner}/{repo}';

/** The rulesets that guard branches. Branch protection of the old kind is not among them. */
export const ruleRoutes: Routes = {
  [`GET ${ROOT}/rules/branches/{branch}`]: (call) => {
    const rules = call.repository.rules.filter(
      ({ branch, classic }) => branch === call.params['branch'] && !classic,
    );
    return paged(
      call,
      rules.map(({ id, type, contexts }) => ({
        type,
        ruleset_source_type: 'Repository',
        ruleset_source: call.repository.fullName,
        ruleset_id: id,
        ...parametersOf(type, contexts),
      })),
    );
  },
  [`GET ${ROOT}/rulesets/{ruleset_id}`]: (call) => {
    const rule = call.repository.rules.find(({ id }) => id === Number(call.params['ruleset_id']));
    if (!rule) throw new GithubError(404, 'Not Found');
    return ok({
      id: rule.id,
      name: rule.name,
      target: 'branch',
      source_type: 'Repository',
      source: call.repository.fullName,
      enforcement: 'active',
      current_user_can_bypass: rule.bypass,
    });
  },
};

function parametersOf(type: string, contexts: readonly string[]) {
  if (type === 'required_status_checks') {
    return {
      parameters: {
        required_status_checks: contexts.map((context) => ({ context })),
        strict_required_status_checks_policy: false,
      },
    };
  }
  return type === 'pull_request'
    ? {
        parameters: {
          required_approving_review_count: 0,
          dismiss_stale_reviews_on_push: false,
          require_code_owner_review: false,
          require_last_push_approval: false,
          required_review_thread_resolution: false,
        },
      }
    : {};
}
