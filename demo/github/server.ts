import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isForeign, isLocal } from '../workspace/server/http/own-pages.ts';
import { Access } from './access.ts';
import { ActionsRunner } from './actions/runner.ts';
import { Api, type Recorded } from './api.ts';
import { Faults } from './faults.ts';
import { send } from './http.ts';
import { leaveQueue } from './merge-queue.ts';
import {
  type Check,
  type RepositoryState,
  type Routes,
  type Rule,
  refused,
  type TagRuleset,
} from './model.ts';
import { pageOf } from './pages.ts';
import { actionsRoutes } from './routes/actions.ts';
import { appRoutes } from './routes/apps.ts';
import { checkRoutes } from './routes/checks.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { gitRoutes } from './routes/git.ts';
import { historyRoutes } from './routes/history.ts';
import { issueRoutes } from './routes/issues.ts';
import { pullRoutes } from './routes/pulls.ts';
import { releaseRoutes } from './routes/releases.ts';
import { repositoryRoutes } from './routes/repository.ts';
import { ruleRoutes } from './routes/rules.ts';
import { ObjectStore } from './store.ts';

export interface GithubOptions {
  /** Folder of the bare repository. */
  readonly path: string;
  /** `acme/shop` */
  readonly repository?: string;
  /** ms since the epoch */
  readonly now?: () => number;
  /** Path of the API: `/api/v3`, below which a server of one's own has it, or nothing, as api.github.com. */
  readonly prefix?: string;
}

/** A small GitHub over one repository on this machine, laid out like GitHub Enterprise Server. */
export interface Github {
  /** Base of the web pages: `http://127.0.0.1:4321`. */
  readonly web: string;
  /** Base of the REST API: `http://127.0.0.1:4321/api/v3`. */
  readonly api: string;
  /** `acme/shop` */
  readonly name: string;
  readonly access: Access;
  readonly faults: Faults;
  readonly actions: ActionsRunner;
  readonly state: RepositoryState;
  readonly requests: readonly Recorded[];
  /** Requests and answers that GitHub's description does not allow. */
  readonly violations: string[];
  /** A rule of a branch; the same branch may have several. */
  protect(branch: string, rule?: Partial<Omit<Rule, 'id' | 'branch'>>): void;
  /** A ruleset of tags: without more nobody may make any. Answers with it, to be changed. */
  /** Takes the first out of the merge queue: onto its base, or away with a reason. */
  leaveQueue(how: 'merged' | { readonly reason: string }): Promise<void>;
  protectTags(ruleset?: Partial<Omit<TagRuleset, 'id'>>): TagRuleset;
  setCheck(sha: string, name: string, conclusion: string | null): void;
  close(): Promise<void>;
}

export async function startGithub(options: GithubOptions): Promise<Github> {
  const { path, repository: name = 'acme/shop', now = Date.now, prefix = '/api/v3' } = options;
  const webPath = prefix.replace(/\/api\/v3$/, '');
  const access = new Access(now);
  const faults = new Faults();
  const state = createState(path, name, now);
  const addresses = { web: '', api: '' };
  const api = new Api({ access, faults, state, routes: routesFor(access), now, prefix, addresses });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLocal(request)) return send(response, refused(403, 'This is for this machine only.'));
    const url = new URL(request.url ?? '/', addresses.web);
    if (api.serves(url.pathname)) {
      if (isForeign(request)) return send(response, refused(403, 'A page of another origin asked.'));
      return api.serve(url, request, response);
    }
    if (url.pathname.startsWith(`${webPath}/`)) url.pathname = url.pathname.slice(webPath.length);
    send(response, await pageOf(url, state));
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      api.violations.push(`server: ${error instanceof Error ? error.stack : String(error)}`);
      send(response, refused(500, 'Server Error'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(addresses, { web: `${origin}${webPath}`, api: `${origin}${prefix}` });

  return {
    ...addresses,
    name,
    access,
    faults,
    actions: state.actions,
    state,
    requests: api.requests,
    violations: api.violations,
    protect: (branch, rule = {}) => protect(state, branch, rule),
    leaveQueue: (how) => leaveQueue(state, how),
    protectTags: (ruleset = {}) => protectTags(state, ruleset),
    setCheck: (sha, check, conclusion) => {
      const url = `${addresses.web}/${name}/runs/${check}`;
      setCheck(state, sha, { name: check, conclusion, url, startedAt: now() });
    },
    close: async () => {
      await state.actions.close();
      state.store.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createState(path: string, fullName: string, now: () => number): RepositoryState {
  const store = new ObjectStore(path);
  let lastId = 100;
  const nextId = () => ++lastId;
  return {
    fullName,
    store,
    actions: new ActionsRunner(store, now, nextId),
    checks: new Map(),
    statuses: new Map(),
    rules: [],
    tagRulesets: [],
    renamed: new Map(),
    releases: [],
    deployments: [],
    pulls: [],
    issues: [],
    mergeQueue: [],
    pushes: [],
    activityReach: Number.POSITIVE_INFINITY,
    accounts: new Map(),
    signed: new Set(),
    onPullHead: () => {},
    graphqlLimitedUntil: 0,
    immutableReleases: false,
    mergeMethods: new Set(['merge', 'squash', 'rebase']),
    defaultBranch: 'main',
    private: true,
    nextId,
  };
}

function routesFor(access: Access): Routes {
  return {
    ...appRoutes(access),
    ...repositoryRoutes,
    ...ruleRoutes,
    ...gitRoutes,
    ...historyRoutes,
    ...checkRoutes,
    ...releaseRoutes,
    ...deploymentRoutes,
    ...pullRoutes,
    ...issueRoutes,
    ...actionsRoutes,
  };
}

function protect(state: RepositoryState, branch: string, rule: Partial<Omit<Rule, 'id' | 'branch'>>): void {
  state.rules.push({
    id: state.nextId(),
    name: `${branch} rules`,
    branch,
    type: 'pull_request',
    contexts: [],
    bypass: 'never',
    ...rule,
  });
}

function protectTags(state: RepositoryState, ruleset: Partial<Omit<TagRuleset, 'id'>>): TagRuleset {
  const made: TagRuleset = {
    id: state.nextId(),
    name: 'release tags',
    include: ['~ALL'],
    exclude: [],
    rules: [{ type: 'creation' }],
    bypass: 'never',
    enforcement: 'active',
    ...ruleset,
  };
  state.tagRulesets.push(made);
  return made;
}

function setCheck(state: RepositoryState, sha: string, check: Omit<Check, 'id' | 'status'>): void {
  const status = check.conclusion === null ? 'in_progress' : 'completed';
  state.checks.set(sha, [...(state.checks.get(sha) ?? []), { ...check, id: state.nextId(), status }]);
}
