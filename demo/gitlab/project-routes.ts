import { z } from 'zod';
import type { Route } from '../platform/fake-platform.ts';
import { type GitlabWorld, PAGED } from './world.ts';

interface AccessLevel {
  readonly id: number;
  readonly access_level?: number | null;
  readonly user_id?: number | null;
  readonly group_id?: number | null;
}

export interface ProtectedTag {
  readonly name: string;
  readonly create_access_levels: readonly AccessLevel[];
}

/** By a pattern. */
export interface ProtectedBranch {
  readonly name: string;
  readonly push_access_levels: readonly AccessLevel[];
}

/** The project, the token, and what is protected. */
export interface ProjectState extends GitlabWorld {
  readonly project: string;
  readonly base: string;
  readonly archived: boolean;
  readonly movedTo: string | null;
  readonly isLicensed: boolean;
  readonly merging: { readonly method: string; readonly train: readonly number[] | null };
  /** Who may give variables to a pipeline. */
  readonly variablesRule: {
    readonly restrict_user_defined_variables?: boolean;
    readonly ci_pipeline_variables_minimum_override_role?: string;
  };
  readonly role: number | null;
  readonly invitedRole: number | null;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
  readonly protectedBranches: ReadonlySet<string>;
  readonly protectedTags: readonly ProtectedTag[];
  readonly protectedPatterns: readonly ProtectedBranch[];
  readonly emails: {
    readonly primary: string;
    readonly confirmed_at: string | null;
    readonly others: readonly string[];
  };
  readonly pushRule: Readonly<Record<string, unknown>> | null;
  readonly seesRules: boolean;
}

/** Null: an administrator, who is no member. */
function roleOf({ role, invitedRole }: ProjectState): number | null {
  return role === null && invitedRole === null ? null : Math.max(role ?? 0, invitedRole ?? 0);
}

/** The project and its token, branches, commits and tags. */
export function projectRoutes(gitlab: ProjectState): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/projects/{id}',
      answer: () => ({
        status: 200,
        body: {
          id: 1,
          path_with_namespace: gitlab.movedTo ?? gitlab.project,
          web_url: gitlab.movedTo === null ? gitlab.web : `${gitlab.base}/${gitlab.movedTo}`,
          archived: gitlab.archived,
          default_branch: 'main',
          ...(gitlab.isLicensed ? { merge_trains_enabled: gitlab.merging.train !== null } : {}),
          merge_method: gitlab.merging.method,
          ...gitlab.variablesRule,
          permissions: {
            project_access:
              gitlab.role === null ? null : { access_level: gitlab.role, notification_level: 3 },
            group_access: null,
          },
        },
      }),
    },
    {
      method: 'GET',
      path: '/personal_access_tokens/self',
      answer: () => ({
        status: 200,
        body: {
          id: 4,
          name: 'slipway',
          revoked: false,
          active: true,
          scopes: gitlab.scopes,
          user_id: gitlab.account.id,
          expires_at: gitlab.expires_at,
        },
      }),
    },
    {
      method: 'GET',
      path: '/user',
      answer: () => ({ status: 200, body: accountOf(gitlab) }),
    },
    {
      method: 'GET',
      path: '/user/emails',
      answer: () => ({
        status: 200,
        body: gitlab.emails.others.map((email, id) => ({ id, email, confirmed_at: '2026-01-01T00:00:00Z' })),
      }),
    },
    {
      method: 'GET',
      path: '/projects/{id}/members/all/{user_id}',
      answer: ({ params }) => {
        const access_level = roleOf(gitlab);
        return access_level === null || params['user_id'] !== String(gitlab.account.id)
          ? gitlab.notFound('Member')
          : { status: 200, body: { ...gitlab.account, state: 'active', access_level } };
      },
    },
    ...refRoutes(gitlab),
  ];
}

/** It commits, as when it merges, with an address that GitLab gives it. */
function accountOf({ account, emails }: ProjectState) {
  const commit_email = `${account.id}-${account.username}@users.noreply.gitlab.test`;
  return {
    ...account,
    state: 'active',
    email: emails.primary,
    confirmed_at: emails.confirmed_at,
    commit_email,
  };
}

/** What is protected, and push rules. */
export function ruleRoutes(gitlab: ProjectState): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/projects/{id}/protected_tags',
      query: z.strictObject(PAGED),
      answer: (asked) =>
        gitlab.seesRules
          ? gitlab.page(asked, gitlab.protectedTags)
          : { status: 403, body: gitlab.failure(403, 'Forbidden') },
    },
    {
      method: 'GET',
      path: '/projects/{id}/protected_branches',
      query: z.strictObject(PAGED),
      answer: (asked) => gitlab.page(asked, gitlab.protectedPatterns),
    },
    {
      method: 'GET',
      path: '/projects/{id}/push_rule',
      answer: () =>
        !gitlab.seesRules
          ? { status: 403, body: gitlab.failure(403, 'Forbidden') }
          : gitlab.pushRule === null
            ? gitlab.notFound('Push rule')
            : { status: 200, body: { id: 1, project_id: 1, ...gitlab.pushRule } },
    },
  ];
}

function refRoutes(gitlab: ProjectState): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/projects/{id}/repository/branches/{branch}',
      answer: ({ params }) => {
        const name = params['branch'] ?? '';
        const tip = gitlab.remote.tip(name);
        if (tip === null) return gitlab.notFound('Branch');
        const isProtected = gitlab.protectedBranches.has(name);
        const body = {
          name,
          commit: { id: tip },
          protected: isProtected,
          can_push: !isProtected && (roleOf(gitlab) ?? 60) >= 30,
          developers_can_push: false,
        };
        return { status: 200, body };
      },
    },
    {
      method: 'GET',
      path: '/projects/{id}/repository/commits/{sha}',
      answer: ({ params }) => {
        const id = gitlab.commitOf(params['sha'] ?? '');
        return id === null
          ? gitlab.notFound('Commit')
          : { status: 200, body: { id, short_id: id.slice(0, 8) } };
      },
    },
    {
      method: 'GET',
      path: '/projects/{id}/repository/tags',
      query: z.strictObject({
        ...PAGED,
        order_by: z.enum(['name', 'updated', 'version']).optional(),
        sort: z.enum(['asc', 'desc']).optional(),
        search: z.string().optional(),
      }),
      answer: (asked) => {
        const { search = '' } = asked.query;
        const isWanted = (name: string) =>
          search.startsWith('^') ? name.startsWith(search.slice(1)) : name.includes(search);
        const names = gitlab.remote
          .git('tag', '--sort=-creatordate')
          .split('\n')
          .filter((name) => name !== '' && isWanted(name));
        return gitlab.page(
          asked,
          names.map((name) => ({ name })),
        );
      },
    },
  ];
}
