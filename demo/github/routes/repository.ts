import type { Access } from '../access.ts';
import { type Call, created, GithubError, iso, ok, paged, type Routes } from '../model.ts';
import { commitBody } from './history.ts';

type Installation = NonNullable<ReturnType<Access['installation']>>;

const ROOT = '/repos/{owner}/{repo}';

/** The repository itself, its rules, and the app that looks at it. */
export function repositoryRoutes(access: Access): Routes {
  return {
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
        permissions: { admin: false, maintain: false, push: may, triage: may, pull: true },
      });
    },
    [`GET ${ROOT}/branches/{branch}`]: async (call) => {
      const branch = call.params['branch'] ?? '';
      const { store, rules } = call.repository;
      if (await store.isEmpty()) throw new GithubError(404, 'Not Found');
      const ref = await store.ref(`heads/${branch}`);
      if (!ref) throw new GithubError(404, 'Branch not found');
      const own = rules.filter((rule) => rule.branch === branch);
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
    'GET /app': (call) =>
      ok({
        id: appOf(call),
        slug: 'slipway',
        node_id: 'A_1',
        name: 'Slipway',
        owner: { login: 'acme', id: 1 },
        permissions: {},
        events: [],
      }),
    [`GET ${ROOT}/installation`]: (call) => {
      const found = access.installation(appOf(call));
      if (!found?.installed) throw new GithubError(404, 'Not Found');
      return ok(installationBody(call, found));
    },
    'GET /app/installations/{installation_id}': (call) => {
      const found = access.installation(appOf(call), Number(call.params['installation_id']));
      if (!found) throw new GithubError(404, 'Not Found');
      return ok(installationBody(call, found));
    },
    'POST /app/installations/{installation_id}/access_tokens': (call) => {
      const id = Number(call.params['installation_id']);
      if (access.installation(appOf(call), id)?.suspended) {
        throw new GithubError(403, 'This installation has been suspended');
      }
      const issued = access.issue(appOf(call), id);
      if (!issued) throw new GithubError(404, 'Not Found');
      return created({
        token: issued.token,
        expires_at: iso(issued.expiresAt),
        permissions: issued.permissions,
        repository_selection: 'selected',
      });
    },
  };
}

function installationBody(call: Call, { id, permissions, suspended }: Installation) {
  return {
    id,
    app_id: appOf(call),
    app_slug: 'slipway',
    permissions,
    events: [],
    suspended_at: suspended ? iso(call.now) : null,
  };
}

function appOf({ caller }: Call): number {
  if (caller.kind !== 'app') throw new GithubError(401, 'A JSON web token could not be decoded');
  return caller.id;
}

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
