import type { Access } from '../access.ts';
import { type Call, created, GithubError, iso, ok, type Routes } from '../model.ts';

type Installation = NonNullable<ReturnType<Access['installation']>>;

const ROOT = '/repos/{owner}/{repo}';

/** The app that calls, its installation, and tokens for that. */
export function appRoutes(access: Access): Routes {
  return {
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
