import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Description } from '../description.ts';
import { projectRoot } from '../project-root.ts';
import { type Access, permissionFor } from './access.ts';
import { refusalOf } from './authorization.ts';

import { type Fault, type Faults, faultyAnswer, type Said } from './faults.ts';
import { graphqlAnswer } from './graphql.ts';
import { bodyOf, send, withEtag } from './http.ts';
import {
  type Answer,
  answerOf,
  type Call,
  GithubError,
  type RepositoryState,
  type Routes,
  refused,
} from './model.ts';

/** One request that arrived, without its secrets. */
export interface Recorded {
  readonly operation: string;
  readonly url: string;
  readonly status: number | 'no answer';
  /** Answered with 304: nothing had changed. */
  readonly unchanged: boolean;
  readonly fault: Fault | Said | null;
}

export interface ApiParts {
  readonly access: Access;
  readonly faults: Faults;
  readonly state: RepositoryState;
  readonly routes: Routes;
  /** ms since the epoch */
  readonly now: () => number;
  /** Path of the API: `/api/v3`. */
  readonly prefix: string;
  /** Base of the API and of the web pages, known once the server listens. */
  readonly addresses: { readonly api: string; readonly web: string };
}

type Asked = Omit<Call, 'caller' | 'body'>;

const GRAPHQL = 'POST /graphql';
const PATIENCE_MS = 60_000;

/** The REST API: every request is held against GitHub's description, and so is every answer. */
export class Api {
  readonly requests: Recorded[] = [];
  readonly violations: string[] = [];
  readonly #parts: ApiParts;
  readonly #description = Description.at(join(projectRoot, 'demo', 'github', 'openapi.json'));

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  /** GraphQL is not below the REST API of a server of one's own. */
  get #graphql(): string {
    return `${this.#parts.prefix.replace(/\/v3$/, '')}/graphql`;
  }

  serves(path: string): boolean {
    const { prefix } = this.#parts;
    return path.startsWith(`${prefix}/repos/`) || path.startsWith(`${prefix}/app`) || path === this.#graphql;
  }

  async serve(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prefix, faults, state, addresses, now } = this.#parts;
    const method = request.method ?? 'GET';
    const found =
      `${method} ${url.pathname}` === `POST ${this.#graphql}`
        ? { operation: GRAPHQL, params: {} }
        : this.#description.find(method, url.pathname.slice(prefix.length));
    const body = await bodyOf(request);
    if (!found) {
      this.violations.push(`request ${method} ${url.pathname}: not described`);
      return send(response, refused(404, 'Not Found'));
    }
    const { operation, params } = found;
    const path = decodeURIComponent(url.pathname).slice(prefix.length);
    const fault = faults.take(operation, `${method} ${path}`);
    const record = (status: Recorded['status']) => {
      const entry = {
        operation,
        url: `${url.pathname}${url.search}`,
        status,
        unchanged: status === 304,
        fault,
      };
      this.requests.push(entry);
    };
    if (fault !== null && fault !== 'reset-after') {
      const faulty = this.#faultyAnswer(fault, operation, request);
      record(faulty?.status ?? 'no answer');
      return faulty ? send(response, faulty) : breakOff(fault, request);
    }
    const query = Object.fromEntries(url.searchParams);
    const asked = { operation, params, query, repository: state, ...addresses, now: now() };
    const answer = this.#checked(operation, await this.#answer(request, asked, body), request);
    if (fault === 'reset-after') {
      record('no answer');
      return breakOff(fault, request);
    }
    const tagged = withEtag(method, request.headers['if-none-match'], answer);
    record(tagged.status);
    send(response, tagged);
  }

  /** Only what the description allows gets to a route, and only from those who may. */
  async #answer(request: IncomingMessage, asked: Asked, body: unknown): Promise<Answer> {
    const { access, state, routes } = this.#parts;
    const { operation, params, query } = asked;
    const caller = access.callerOf(request.headers.authorization);
    if (caller.kind === 'refused') return refused(caller.status, caller.message);
    if (operation === GRAPHQL) {
      return graphqlAnswer({ ...asked, caller, body: (body ?? {}) as Call['body'] }, this.violations);
    }
    const problem = this.#description.problemOf(operation, { params, query, body });
    if (problem) {
      this.violations.push(`request ${operation}: ${problem}`);
      return refused(422, `Not in the description: ${problem}`);
    }
    const refusal = refusalOf(caller, operation, params, state);
    if (refusal) return refusal;
    const route = routes[operation];
    if (!route) return refused(501, `${operation} is described but not built`);
    const scopes = caller.kind === 'token' ? caller.scopes : null;
    try {
      const said = await route({ ...asked, caller, body: (body ?? {}) as Call['body'] });
      return scopes === null ? said : { ...said, headers: { ...said.headers, 'x-oauth-scopes': scopes } };
    } catch (error) {
      if (!(error instanceof GithubError)) throw error;
      return answerOf(error);
    }
  }

  #checked(operation: string, answer: Answer, request: IncomingMessage): Answer {
    if (answer.status >= 400 || operation === GRAPHQL) return this.#echoed(answer, request);
    const wrong = this.#description.problemOfAnswer(operation, answer.status, answer.body);
    if (wrong) this.violations.push(`answer ${operation} ${answer.status}: ${wrong}`);
    return answer;
  }

  #faultyAnswer(fault: Fault | Said, operation: string, request: IncomingMessage): Answer | null {
    const needed = permissionFor(operation);
    const faulty = faultyAnswer(fault, `${needed.name}=${needed.level}`, this.#parts.now());
    return faulty && this.#echoed(faulty, request);
  }

  /** Repeats what the caller sent as `authorization`, when the faults say so. */
  #echoed(answer: Answer, request: IncomingMessage): Answer {
    if (!this.#parts.faults.echoes || typeof answer.body !== 'object') return answer;
    const { message } = answer.body as { message?: unknown };
    return { ...answer, body: { ...answer.body, message: `${message} (${request.headers.authorization})` } };
  }
}

/** No answer: the connection is reset, or nothing comes until the caller has given up. */
function breakOff(fault: Fault | Said, { socket }: IncomingMessage): void {
  if (fault === 'timeout') setTimeout(() => socket.destroy(), PATIENCE_MS).unref();
  else socket.resetAndDestroy();
}
