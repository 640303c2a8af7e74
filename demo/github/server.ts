import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access, hasScope, isAllowed, permissionFor } from './access.ts';
import { ActionsRunner } from './actions/runner.ts';
import { Description } from './description.ts';
import { type Fault, Faults, faultyAnswer } from './faults.ts';
import {
  type Answer,
  type Call,
  type Check,
  GithubError,
  type RepositoryState,
  type Routes,
  type Rule,
} from './model.ts';
import { pageOf } from './pages.ts';
import { actionsRoutes } from './routes/actions.ts';
import { checkRoutes } from './routes/checks.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { gitRoutes } from './routes/git.ts';
import { historyRoutes } from './routes/history.ts';
import { pullRoutes } from './routes/pulls.ts';
import { releaseRoutes } from './routes/releases.ts';
import { repositoryRoutes } from './routes/repository.ts';
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

/** One request that arrived, without its secrets. */
interface Recorded {
  readonly operation: string;
  readonly url: string;
  readonly status: number | 'no answer';
  /** Answered with 304: nothing had changed. */
  readonly unchanged: boolean;
  readonly fault: Fault | null;
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
  setCheck(sha: string, name: string, conclusion: string | null): void;
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;

export async function startGithub(options: GithubOptions): Promise<Github> {
  const { path, repository: fullName = 'acme/shop', now = Date.now, prefix = '/api/v3' } = options;
  const webPath = prefix.replace(/\/api\/v3$/, '');
  const isApi = (at: string) => at.startsWith(`${prefix}/repos/`) || at.startsWith(`${prefix}/app`);
  const store = new ObjectStore(path);
  const access = new Access(now);
  const faults = new Faults();
  const description = Description.shared();
  let lastId = 100;
  const nextId = () => ++lastId;
  const actions = new ActionsRunner(store, now, nextId);
  const state: RepositoryState = {
    fullName,
    store,
    actions,
    checks: new Map(),
    statuses: new Map(),
    rules: [],
    releases: [],
    deployments: [],
    pulls: [],
    onPullHead: () => {},
    defaultBranch: 'main',
    private: true,
    nextId,
  };
  const routes: Routes = {
    ...repositoryRoutes(access),
    ...gitRoutes,
    ...historyRoutes,
    ...checkRoutes,
    ...releaseRoutes,
    ...deploymentRoutes,
    ...pullRoutes,
    ...actionsRoutes,
  };
  const requests: Recorded[] = [];
  const violations: string[] = [];
  let [web, api] = ['', ''];

  /** Only what the description allows gets to a route, and only from those who may. */
  async function answer(
    request: IncomingMessage,
    operation: string,
    call: Omit<Call, 'caller' | 'body'>,
    body: unknown,
  ): Promise<Answer> {
    const caller = access.callerOf(request.headers.authorization);
    if (caller.kind === 'refused') return refuse(caller.status, caller.message);
    const problem = description.problemOf(operation, { params: call.params, query: call.query, body });
    if (problem) {
      violations.push(`request ${operation}: ${problem}`);
      return refuse(422, `Not in the description: ${problem}`);
    }
    const { owner, repo } = call.params;
    if (owner !== undefined) {
      const asApp = operation.endsWith('/installation');
      if (`${owner}/${repo}` !== fullName) return refuse(404, 'Not Found');
      const scopes = caller.kind === 'token' ? caller.scopes : null;
      const isHidden = state.private && scopes !== null && !hasScope(scopes, 'repo');
      const sees = caller.kind === 'token' ? caller.sees && !asApp && !isHidden : asApp;
      if (!sees) return refuse(404, 'Not Found');
      const needed = permissionFor(operation);
      if (caller.kind === 'token' && !isAllowed(caller.permissions, needed)) {
        const who = caller.isApp ? 'integration' : 'personal access token';
        return refuse(403, `Resource not accessible by ${who}`, {
          'x-accepted-github-permissions': `${needed.name}=${needed.level}`,
        });
      }
    }
    const route = routes[operation];
    if (!route) return refuse(501, `${operation} is described but not built`);
    const scopes = caller.kind === 'token' ? caller.scopes : null;
    try {
      const said = await route({ ...call, caller, body: (body ?? {}) as Call['body'] });
      return scopes === null ? said : { ...said, headers: { ...said.headers, 'x-oauth-scopes': scopes } };
    } catch (error) {
      if (!(error instanceof GithubError)) throw error;
      return {
        status: error.status,
        body: {
          message: error.message,
          ...(error.errors ? { errors: error.errors } : {}),
          documentation_url: 'https://docs.github.com/rest',
        },
      };
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', web);
    if (!isApi(url.pathname)) return sendPage(url, response);
    const method = request.method ?? 'GET';
    const found = description.find(method, url.pathname.slice(prefix.length));
    const body = await bodyOf(request);
    if (!found) {
      violations.push(`request ${method} ${url.pathname}: not described`);
      return send(response, refuse(404, 'Not Found'));
    }
    const { operation, params } = found;
    const fault = faults.take(
      operation,
      `${method} ${decodeURIComponent(url.pathname).slice(prefix.length)}`,
    );
    const record = (status: Recorded['status']) => {
      requests.push({
        operation,
        url: `${url.pathname}${url.search}`,
        status,
        unchanged: status === 304,
        fault,
      });
    };
    if (fault !== null && fault !== 'reset-after') {
      const needed = permissionFor(operation);
      const told = faultyAnswer(fault, `${needed.name}=${needed.level}`, now());
      const faulty = told && echoed(told, request);
      record(faulty?.status ?? 'no answer');
      if (faulty) return send(response, faulty);
      if (fault === 'reset-before') return void request.socket.resetAndDestroy();
      setTimeout(() => request.socket.destroy(), PATIENCE_MS).unref();
      return;
    }
    const query = Object.fromEntries(url.searchParams);
    const result = await answer(
      request,
      operation,
      { operation, params, query, repository: state, api, web, now: now() },
      body,
    );
    if (result.status >= 400) Object.assign(result, echoed(result, request));
    else {
      const wrong = description.problemOfAnswer(operation, result.status, result.body);
      if (wrong) violations.push(`answer ${operation} ${result.status}: ${wrong}`);
    }
    if (fault === 'reset-after') {
      record('no answer');
      return void request.socket.resetAndDestroy();
    }
    const tagged = withEtag(method, request.headers['if-none-match'], result);
    record(tagged.status);
    send(response, tagged);
  }

  function echoed<T extends { readonly body?: unknown }>(answer: T, request: IncomingMessage): T {
    if (!faults.echoes || typeof answer.body !== 'object') return answer;
    const { message } = answer.body as { message?: unknown };
    return { ...answer, body: { ...answer.body, message: `${message} (${request.headers.authorization})` } };
  }

  async function sendPage(url: URL, response: ServerResponse): Promise<void> {
    if (url.pathname.startsWith(`${webPath}/`)) url.pathname = url.pathname.slice(webPath.length);
    send(response, await pageOf(url, state));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      violations.push(`server: ${error instanceof Error ? error.stack : String(error)}`);
      send(response, refuse(500, 'Server Error'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  [web, api] = [`${origin}${webPath}`, `${origin}${prefix}`];

  return {
    web,
    api,
    name: fullName,
    access,
    faults,
    actions,
    state,
    requests,
    violations,
    protect: (branch, rule = {}) => {
      state.rules.push({
        id: nextId(),
        name: `${branch} rules`,
        branch,
        type: 'pull_request',
        contexts: [],
        bypass: 'never',
        ...rule,
      });
    },
    setCheck: (sha, name, conclusion) => {
      const check: Check = {
        name,
        status: conclusion === null ? 'in_progress' : 'completed',
        conclusion,
        url: `${web}/${fullName}/runs/${name}`,
        startedAt: now(),
      };
      state.checks.set(sha, [...(state.checks.get(sha) ?? []), check]);
    },
    close: async () => {
      await actions.close();
      store.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  };
}

function withEtag(method: string, known: string | undefined, answer: Answer): Answer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const etag = `W/"${createHash('sha256')
    .update(JSON.stringify([answer.body, answer.headers]))
    .digest('hex')}"`;
  if (known === etag) return { status: 304, headers: { etag } };
  return { ...answer, headers: { ...answer.headers, etag } };
}

function send(response: ServerResponse, { status, body, headers = {}, bytes }: Answer): void {
  const isText = typeof body === 'string';
  const content = bytes ?? (body === undefined ? '' : isText ? body : JSON.stringify(body));
  const type = bytes
    ? 'application/octet-stream'
    : isText
      ? 'text/html; charset=utf-8'
      : 'application/json; charset=utf-8';
  response.writeHead(status, {
    ...(content.length > 0 ? { 'content-type': type } : {}),
    'content-length': Buffer.byteLength(content),
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': '0',
    ...headers,
  });
  response.end(content);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
