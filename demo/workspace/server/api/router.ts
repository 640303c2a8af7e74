import type { z } from 'zod';
import type { Core } from '../core.ts';
import type { Fault } from '../faults/faults.ts';
import { refusal } from '../strict/content.ts';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';
import { appMethods } from './app.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { fileMethods } from './files.ts';
import { markMethods } from './marks.ts';
import type { Method, Methods } from './method.ts';
import { json } from './method.ts';
import { peopleMethods } from './people.ts';
import { viewMethods } from './views.ts';

/** @see https://docs.slack.dev/enterprise/developing-for-enterprise-orgs */
const NEEDS_TEAM = [
  'bots.info',
  'conversations.list',
  'usergroups.list',
  'users.conversations',
  'users.list',
];

/** What the HTTP server sends back. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** The Web API: faults, token, method, scope, arguments, and then the method itself. */
export class WebApi {
  readonly #core: Core;
  readonly #methods: Methods;

  constructor(core: Core, socketUrl: () => string | undefined) {
    this.#core = core;
    this.#methods = {
      ...appMethods(socketUrl),
      ...chatMethods,
      ...conversationMethods,
      ...fileMethods,
      ...markMethods,
      ...peopleMethods,
      ...viewMethods,
    };
  }

  /** `bearer` is the token of the Authorization header; a `token` among the arguments counts as well. */
  async call(name: string, args: JsonObject, bearer: string | undefined): Promise<ApiAnswer> {
    const { ids, journal, faults } = this.#core;
    const at = new Date(ids.now()).toISOString();
    // Bolt's clients put the team into every call.
    const { token: field, team_id: team, ...rest } = args;
    const token = bearer ?? (typeof field === 'string' ? field : undefined);
    const fault = faults.next(name) ?? this.#overLimit(name, rest);
    const answer = fault === undefined ? await this.#answer(name, rest, token, team) : broken(fault);
    journal.add({ at, direction: 'in', method: name, args: decoded(args), response: answer.body });
    return answer;
  }

  #overLimit(name: string, args: JsonObject): Fault | undefined {
    const { strictness, rateLimits, faults } = this.#core;
    const scarce = faults.scarceHistory ? rateLimits.countHistory(name) : undefined;
    const retryAfter = scarce ?? (strictness.rateLimits === 'off' ? undefined : rateLimits.count(name, args));
    return retryAfter === undefined ? undefined : { kind: 'rate-limit', retryAfter };
  }

  async #answer(
    name: string,
    args: JsonObject,
    token: string | undefined,
    team: unknown,
  ): Promise<ApiAnswer> {
    const method = this.#methods[name];
    try {
      if (method === undefined) throw new SlackError('unknown_method', { req_method: name });
      this.#authorize(method, token);
      this.#mustNameTeam(name, team);
      const checked = this.#arguments(method, args);
      const needed = this.#needed(method, checked);
      const body = { ok: true, ...(await method.run(this.#core, checked)) };
      return { status: 200, headers: this.#scopeHeaders(needed), body };
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      return {
        status: 200,
        headers: this.#scopeHeaders([]),
        body: { ok: false, error: error.code, ...error.more },
      };
    }
  }

  #authorize(method: Method, token: string | undefined): void {
    const { tokens, store } = this.#core;
    if (method.token === 'none') return;
    if (token === undefined || token === '') throw new SlackError('not_authed');
    if (token !== tokens.bot && token !== tokens.app) throw new SlackError('invalid_auth');
    if (store.users.get(store.identity.botUser)?.deleted === true) throw new SlackError('account_inactive');
    if (method.token === 'any') return;
    const kind = token === tokens.bot ? 'bot' : 'app';
    if (kind !== method.token) throw new SlackError('not_allowed_token_type');
  }

  /** An app of a whole organisation has to say of which workspace it wants to know. */
  #mustNameTeam(name: string, team: unknown): void {
    const { organisation, team: own } = this.#core.store.identity;
    if (organisation === undefined || !NEEDS_TEAM.includes(name)) return;
    if (team === undefined) throw new SlackError('missing_argument', { arg: 'team_id' });
    if (team !== own.id) throw new SlackError('team_access_not_granted');
  }

  #needed(method: Method, args: JsonObject): readonly string[] {
    const needed = method.scopes(this.#core, args);
    const { scopes } = this.#core;
    if (needed.every((scope) => scopes.has(scope))) return needed;
    throw new SlackError('missing_scope', { needed: needed.join(','), provided: [...scopes].join(',') });
  }

  #arguments(method: Method, args: JsonObject): JsonObject {
    const known = Object.keys(method.shape.shape);
    const unknown = Object.keys(args).filter((key) => !known.includes(key));
    if (unknown.length > 0 && this.#core.strictness.unknownArguments === 'refuse') {
      throw refusal(
        'invalid_arguments',
        unknown.map((key) => ({ message: `unsupported argument: ${key}`, pointer: `/${key}` })),
      );
    }
    const parsed = method.shape.safeParse(args);
    if (parsed.success) return parsed.data as JsonObject;
    throw refusal('invalid_arguments', parsed.error.issues.map(problemOf(args)));
  }

  #scopeHeaders(needed: readonly string[]): Record<string, string> {
    return {
      'x-oauth-scopes': [...this.#core.scopes].join(','),
      'x-accepted-oauth-scopes': needed.join(','),
    };
  }
}

/** Arguments that forms carry as JSON text. */
const STRUCTURED = new Set(['blocks', 'attachments', 'metadata', 'view', 'files', 'file_ids']);

/** As the app meant them, for those who read the journal. */
function decoded(args: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, STRUCTURED.has(key) ? json.parse(value) : value]),
  );
}

function problemOf(args: JsonObject) {
  return (issue: z.core.$ZodIssue) => {
    const key = String(issue.path[0] ?? '');
    return args[key] === undefined
      ? { message: `missing required field: ${key}`, pointer: '' }
      : { message: issue.message, pointer: `/${issue.path.join('/')}` };
  };
}

function broken(fault: Fault): ApiAnswer {
  switch (fault.kind) {
    case 'rate-limit':
      return {
        status: 429,
        headers: { 'retry-after': String(fault.retryAfter) },
        body: { ok: false, error: 'ratelimited' },
      };
    case 'http':
      return { status: fault.status, headers: {}, body: { ok: false, error: 'internal_error' } };
    case 'error':
      return { status: 200, headers: {}, body: { ok: false, error: fault.code } };
  }
}
