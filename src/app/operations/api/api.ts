import type { ApiSettings } from '../../../config/settings/api.ts';
import type { ApiScope } from '../../../domain/operations/api-scopes.ts';
import type { Promotion } from '../../../domain/promotion/promotion.ts';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { RequestContext } from '../../../flows/requests/request.ts';
import { figuresOf } from '../../../flows/requests/statistics.ts';
import { knownServices } from '../known-services.ts';
import { badgeOf, badgeSvg } from './badge.ts';
import { apiDescription } from './description.ts';
import { ApiFault, type ApiReply, json, problemReply } from './problem.ts';
import type { ApiShipping } from './shapes.ts';
import { followed, shipper } from './ship.ts';
import { type StatusOf, statusReader } from './status.ts';
import { type Access, accessBy } from './tokens.ts';
import { figuresView, promotionView } from './views.ts';

export type { ApiReply };

export interface ApiQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** Names a request that changes something; empty: none was sent. */
  readonly key: string;
  readonly body: string;
}

/** Null: that is no path of the API. `requests` is null while the bot starts or stops. */
export type Api = (question: ApiQuestion, requests: RequestContext | null) => Promise<ApiReply | null>;

const PAGE = 50;

/** A question about one service, of somebody who may ask it; `id`: what stands last in the path. */
interface Asked extends Pick<ApiQuestion, 'query' | 'key' | 'body'> {
  readonly access: Access;
  readonly id: string;
}

/** What can be asked about one service, by what stands behind its name in the path. */
interface Answer {
  readonly method: ApiQuestion['method'];
  readonly scope: ApiScope;
  answer(requests: RequestContext, service: string, asked: Asked): Promise<unknown>;
}

/**
 * The API as its settings say. Refusals: `service-unknown` for a service that they name and the config does not; see
 * `accessBy`.
 */
export function openApi(
  { tokens, badges }: ApiSettings,
  services: readonly string[],
  env: NodeJS.ProcessEnv,
  now?: () => number,
): Api {
  for (const service of [...badges, ...tokens.flatMap((token) => token.services ?? [])])
    if (!services.includes(service)) throw new Refusal('service-unknown', { service, known: [...services] });
  const accessOf = accessBy(tokens, env, now);
  const knownNow = knownServices(services);
  const statusOf = statusReader();
  const answers = answersBy(statusOf);
  const answer = async (question: ApiQuestion, requests: RequestContext | null) => {
    const { method, path, query } = question;
    const known = knownNow(requests?.services.keys() ?? null);
    if (path === '/api/v1/openapi.json') return only('GET', method) && json(200, apiDescription());
    const [, ofBadge] = /^\/badge\/([^/]+)\.svg$/.exec(path) ?? [];
    if (ofBadge !== undefined) {
      const service = decoded(ofBadge);
      const access = badges.includes(service) ? 'everybody' : accessOf(question.authorization);
      const isShown = access === 'everybody' || (access?.may('status') && access.sees(service));
      if (isShown && known.includes(service)) return badge(statusOf, requests, service);
      throw new ApiFault(404, 'not-found', 'There is no such badge.');
    }
    const access = accessOf(question.authorization);
    if (path === '/api/v1/services' && only('GET', method)) {
      const { sees } = allowed(access, 'status');
      const page = pageAfter(query.get('after'), known.filter(sees));
      const context = running(requests);
      const shown = await Promise.all(page.map((service) => statusOf(context, service)));
      return json(200, { services: shown });
    }
    const [, name = '', rest = '', id = ''] =
      /^\/api\/v1\/services\/([^/]+)(?:(\/[a-z]+)(?:\/([^/]+))?)?$/.exec(path) ?? [];
    const found = name === '' ? undefined : answers.get(`${rest}${id === '' ? '' : '/'}`);
    if (found === undefined || !only(found.method, method))
      throw new ApiFault(404, 'not-found', 'The paths are in /api/v1/openapi.json.');
    const service = decoded(name);
    const mine = allowed(access, found.scope);
    if (!mine.sees(service) || !known.includes(service))
      throw new ApiFault(404, 'service-unknown', 'There is no such service for this token.');
    const asked = { ...question, access: mine, id: decoded(id) };
    return json(200, await found.answer(running(requests), service, asked));
  };
  return async (question, requests) =>
    /^\/(api|badge)\//.test(question.path) ? answer(question, requests).catch(problemReply) : null;
}

function answersBy(statusOf: StatusOf): ReadonlyMap<string, Answer> {
  const history: Answer['answer'] = async ({ ledger }, service, { query }) => {
    const found = await ledger.recent({ service, limit: whole(query, 'limit', 100, 25) });
    return { promotions: found.map(promotionView) };
  };
  const dora: Answer['answer'] = async (requests, service, { query }) => {
    const [figures] = await figuresOf(requests, service, [whole(query, 'days', 365, 30)]);
    return figures && figuresView(figures);
  };
  const start = shipper();
  const shown = async (requests: RequestContext, promotion: Promotion): Promise<ApiShipping> => {
    const thread = await requests.services.get(promotion.service)?.slack.addressOf(promotion.id);
    return { ...promotionView(promotion), thread: thread ?? null };
  };
  const ship: Answer['answer'] = async (requests, service, { access, key, body }) =>
    shown(requests, await start(requests, access, service, { key, body }));
  const follow: Answer['answer'] = async (requests, service, { access, id }) => {
    const promotion = await followed(requests, access, service, id);
    if (promotion) return shown(requests, promotion);
    throw new ApiFault(404, 'promotion-unknown', 'There is no such promotion of this service.');
  };
  return new Map([
    ['', { method: 'GET', scope: 'status', answer: statusOf }],
    ['/history', { method: 'GET', scope: 'history', answer: history }],
    ['/dora', { method: 'GET', scope: 'dora', answer: dora }],
    ['/promotions', { method: 'POST', scope: 'ship', answer: ship }],
    ['/promotions/', { method: 'GET', scope: 'ship', answer: follow }],
  ]);
}

/** A picture that is missing says less than one that does not know. */
async function badge(
  statusOf: StatusOf,
  requests: RequestContext | null,
  service: string,
): Promise<ApiReply> {
  const unknown = { text: 'unknown', colour: 'grey' } as const;
  const known = requests === null ? unknown : statusOf(requests, service).then(badgeOf, () => unknown);
  const { text, colour } = await known;
  return { status: 200, type: 'image/svg+xml; charset=utf-8', body: badgeSvg(service, text, colour) };
}

/** True: that is the method. Throws ApiFault. */
function only(wanted: ApiQuestion['method'], method: ApiQuestion['method']): true {
  if (method === wanted) return true;
  const allow = wanted === 'GET' ? 'GET, HEAD' : wanted;
  throw new ApiFault(405, 'method', `Only ${allow} is answered here.`, { allow });
}

function running(requests: RequestContext | null): RequestContext {
  if (requests === null) throw new ApiFault(503, 'not-running', 'The bot starts, or it stops.');
  return requests;
}

function allowed(access: Access | null, scope: ApiScope): Access {
  if (access === null)
    throw new ApiFault(
      401,
      'no-token',
      'There is no token, or nobody knows it. Send one: Authorization: Bearer …',
    );
  if (access.may(scope)) return access;
  throw new ApiFault(403, 'no-scope', `The token "${access.name}" has no scope "${scope}".`);
}

/** The first page, where nothing comes before it. Behind a name that is gone there is none: who pages would begin again and again. */
function pageAfter(name: string | null, all: readonly string[]): readonly string[] {
  const index = name === null ? -1 : all.indexOf(name);
  if (name !== null && index < 0)
    throw new ApiFault(
      400,
      'parameter-invalid',
      'after is none of the services that this token sees now: begin without it.',
    );
  return all.slice(index + 1, index + 1 + PAGE);
}

function whole(query: URLSearchParams, name: string, most: number, usual: number): number {
  const text = query.get(name) ?? String(usual);
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new ApiFault(400, 'parameter-invalid', `${name} is a whole number from 1 to ${most}.`);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '';
  }
}
