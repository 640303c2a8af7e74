import { isOf } from '../branch-rules.ts';
import { GithubError, ok, paged, type Routes } from '../model.ts';

const ROOT = '/repos/{owner}/{repo}';

/** The rulesets that guard branches. Branch protection of the old kind is not among them. */
export const ruleRoutes: Routes = {
  [`GET ${ROOT}/rules/branches/{branch}`]: (call) => {
    const rules = call.repository.rules.filter(
      (rule) => isOf(rule, call.params['branch'] ?? '') && !rule.classic,
    );
    return paged(
      call,
      rules.map(({ id, type, contexts, parameters }) => ({
        type,
        ruleset_source_type: 'Repository',
        ruleset_source: call.repository.fullName,
        ruleset_id: id,
        ...(parameters ? { parameters } : parametersOf(type, contexts)),
      })),
    );
  },
  [`GET ${ROOT}/rulesets`]: (call) => {
    const targets = (call.query['targets'] ?? 'branch,tag,push').split(',');
    const { tagRulesets, fullName } = call.repository;
    // Those of branches are not listed: nobody here asks.
    const shown = targets.includes('tag') ? tagRulesets : [];
    return paged(
      call,
      shown.map(({ id, name, enforcement }) => ({
        id,
        name,
        target: 'tag',
        source_type: 'Repository',
        source: fullName,
        enforcement,
      })),
    );
  },
  [`GET ${ROOT}/rulesets/{ruleset_id}`]: (call) => {
    const ofTags = call.repository.tagRulesets.find(({ id }) => id === Number(call.params['ruleset_id']));
    if (ofTags) {
      const { id, name, include, exclude, rules, bypass, enforcement } = ofTags;
      return ok({
        id,
        name,
        target: 'tag',
        source_type: 'Repository',
        source: call.repository.fullName,
        enforcement,
        conditions: { ref_name: { include, exclude } },
        rules,
        current_user_can_bypass: bypass,
      });
    }
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
