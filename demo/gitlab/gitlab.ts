import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import { type Asked, FakePlatform, type Reply, type Route, TOKEN } from '../platform/fake-platform.ts';
import { serveGit } from '../platform/git-http.ts';
import { frame, MISSING } from '../platform/page.ts';
import { isLocal } from '../workspace/server/http/own-pages.ts';
import { Events } from './events.ts';
import { MergeRequests } from './merge-requests.ts';
import { mergingRoutes } from './merge-routes.ts';
import { pageOf } from './pages.ts';
import { pipelineRoutes } from './pipeline-routes.ts';
import { Pipelines } from './pipelines.ts';
import {
  type ProjectState,
  type ProtectedBranch,
  type ProtectedTag,
  projectRoutes,
  ruleRoutes,
} from './project-routes.ts';
import { Records } from './records.ts';
import type { BareRepository } from './world.ts';

/** What the project has besides its path. */
const NUMBER = '1';
const BASIC = Buffer.from(`oauth2:${TOKEN}`).toString('base64');
const HOOK = `while read old new ref; do
  case "$ref" in
    PATTERN) echo "GitLab: You are not allowed to push code to protected branches on this project."; exit 1;;
  esac
done`;

/**
 * GitLab's REST API v4 as far as Slipway uses it, in the form of its documentation (doc/api of 18.4), with a real git
 * repository served over http beside it. The project may be in subgroups, and all of it below a path.
 */
export class FakeGitlab extends FakePlatform implements ProjectState {
  readonly remote: BareRepository;
  readonly project: string;
  readonly prefix: string;
  /** Who the token stands for. */
  readonly account = { id: 77, username: 'project_1_bot', name: 'slipway' };
  scopes: readonly string[] = ['api'];
  expires_at: string | null = null;
  /** As a member of the project itself. */
  role: number | null = 40;
  /** Who may give variables to a pipeline. */
  variablesRule = {};
  /** As a member of a group that was invited to it. */
  invitedRole: number | null = null;
  archived = false;
  /** The address that it gives itself, where that is not the one it is reached at. */
  external: string | null = null;
  /** Where it was moved to: readers are led on. */
  movedTo: string | null = null;
  /** Whether it has what only Premium has. */
  isLicensed = true;
  readonly protectedBranches = new Set<string>();
  protectedTags: readonly ProtectedTag[] = [];
  protectedPatterns: readonly ProtectedBranch[] = [];
  /** Of the account. */
  emails: ProjectState['emails'] = {
    primary: 'bot@noreply.gitlab.test',
    confirmed_at: '2026-01-01T00:00:00Z',
    others: [],
  };
  /** Tags that are refused when they are made. */
  readonly tagsRefused = new Set<string>();
  /** Of Premium; null: there are none. */
  pushRule: Readonly<Record<string, unknown>> | null = null;
  /** Whether the token may see protected tags and push rules. */
  seesRules = true;
  /** The next push arrives, but its answer does not. */
  loseNextPush = false;
  /** What gets in the way of requests to git: a status. */
  gitFault: number | null = null;
  /** Lists go on by `cursor` instead of `page`. */
  keyset = false;
  readonly pipelines: Pipelines;
  readonly merging: MergeRequests;
  readonly records: Records;
  readonly events: Events;

  constructor(remote: BareRepository, { project = 'acme/web/shop', prefix = '' } = {}) {
    super();
    this.remote = remote;
    this.project = project;
    this.prefix = prefix;
    this.unauthorised = `Token ${TOKEN} is expired. You can either do re-authorization or token refresh.`;
    this.pipelines = new Pipelines(this);
    this.merging = new MergeRequests(this, this.pipelines);
    this.records = new Records(this, this.pipelines);
    this.events = new Events(this);
    this.pipelines.deployed = this.records;
    this.routes = [
      ...projectRoutes(this),
      ...ruleRoutes(this),
      ...pipelineRoutes(this.pipelines, this),
      ...this.merging.routes,
      ...mergingRoutes(this.merging, this),
      ...this.records.routes,
      ...this.events.routes,
    ].map((route) => ({ ...route, path: `${prefix}/api/v4${route.path}`, answer: this.#inProject(route) }));
  }

  override readonly routes: readonly Route[];

  /** What the config names as `url`. */
  get base(): string {
    return `${this.url}${this.prefix}`;
  }

  get web(): string {
    return `${this.external ?? this.base}/${this.project}`;
  }

  override failure(status: number, message: string): unknown {
    if (status === 401) return { error: 'invalid_token', error_description: message };
    return { message: `${status} ${message}` };
  }

  protected override authorised(headers: IncomingMessage['headers']): boolean {
    return headers['private-token'] === TOKEN;
  }

  /** Pushes to the branch are refused from now on. */
  protect(branch: string): void {
    this.protectedBranches.add(branch);
    const pattern = [...this.protectedBranches].map((name) => `refs/heads/${name}`).join('|');
    this.remote.hook('pre-receive', HOOK.replace('PATTERN', pattern));
  }

  /** Some of a list, with the address of the next page as GitLab itself is reached behind its proxy. */
  page(asked: Asked, all: readonly unknown[]): Reply {
    const size = Math.min(100, Number(asked.query['per_page'] ?? 20));
    const from = asked.query['cursor']
      ? Number(asked.query['cursor'])
      : (Number(asked.query['page'] ?? 1) - 1) * size;
    const end = from + size;
    const more = this.keyset ? { cursor: String(end) } : { page: String(end / size + 1) };
    const next = new URLSearchParams({ ...asked.query, ...more });
    const link = `<http://gitlab.internal/api/v4/any?${next}>; rel="next", <http://gitlab.internal/>; rel="first"`;
    return {
      status: 200,
      body: all.slice(from, end),
      headers: end < all.length ? { link } : { link: '<http://gitlab.internal/>; rel="first"' },
    };
  }

  /** 404 as for a project that the token may not see. */
  notFound(what: string): Reply {
    return { status: 404, body: this.failure(404, `${what} Not Found`) };
  }

  commitOf(ref: string): string | null {
    try {
      return this.remote.git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
    } catch {
      return null;
    }
  }

  refusesTag(name: string): boolean {
    return this.tagsRefused.has(name);
  }

  protected override answersItself(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '/', this.url);
    const start = `${this.prefix}/${this.project}.git/`;
    if (!url.pathname.startsWith(start)) return this.#answersPage(request, response, url);
    this.requests.push(`git ${request.method} ${url.pathname.slice(start.length)}`);
    if (this.gitFault !== null) response.writeHead(this.gitFault).end('GitLab is not responding');
    else if (request.headers.authorization !== `Basic ${BASIC}`) {
      response
        .writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"' })
        .end('HTTP Basic: Access denied');
    } else {
      url.pathname = `/${basename(this.remote.path)}/${url.pathname.slice(start.length)}`;
      const isPush = request.method === 'POST' && url.pathname.endsWith('git-receive-pack');
      serveGit(request, response, { root: dirname(this.remote.path), url }, () => {
        const isLost = isPush && this.loseNextPush;
        if (isLost) this.loseNextPush = false;
        return isLost;
      });
    }
    return true;
  }

  #answersPage(request: IncomingMessage, response: ServerResponse, { pathname }: URL): boolean {
    const home = `${this.prefix}/${this.project}`;
    if (request.method !== 'GET' || (pathname !== home && !pathname.startsWith(`${home}/-/`))) return false;
    const html = isLocal(request) ? pageOf(this, pathname.slice(home.length)) : null;
    response.writeHead(html === null ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html === null ? MISSING : frame(this.project, html, home));
    return true;
  }

  /** At the path that it was moved from, readers are sent to its number. */
  #inProject({ path, method, answer }: Route): Route['answer'] {
    return (asked) => {
      const { id } = asked.params;
      if (!path.startsWith('/projects/') || id === NUMBER) return answer(asked);
      if (this.movedTo !== null && id?.toLowerCase() === this.project.toLowerCase()) {
        if (method !== 'GET')
          return { status: 405, body: { message: 'Non GET methods are not allowed for moved projects' } };
        const there = path.replace(/\{(\w+)\}/g, (_, name) =>
          name === 'id' ? NUMBER : encodeURIComponent(asked.params[name] ?? ''),
        );
        const query = new URLSearchParams(asked.query).toString();
        const location = `${this.base}/api/v4${there}${query && `?${query}`}`;
        return { status: 301, text: 'This resource has been moved permanently', headers: { location } };
      }
      return id?.toLowerCase() === (this.movedTo ?? this.project).toLowerCase()
        ? answer(asked)
        : this.notFound('Project');
    };
  }
}
