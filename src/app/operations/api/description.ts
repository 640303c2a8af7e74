import { z } from 'zod';
import { API_SCOPES, type ApiScope } from '../../../domain/operations/api-scopes.ts';
import { ApiFigures, ApiProblem, ApiPromotion, ApiService, ApiShipping } from './shapes.ts';
import { ShipWish } from './ship.ts';

const named = (schema: z.ZodType) => z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
const content = (schema: object) => ({ 'application/json': { schema } });
const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const listOf = (name: string, key: string) => ({
  type: 'object',
  additionalProperties: false,
  required: [key],
  properties: { [key]: { type: 'array', items: refTo(name) } },
});
const problem = (description: string) => ({ description, content: content(refTo('Problem')) });

const SERVICE = { name: 'service', in: 'path', required: true, schema: { type: 'string' } };
const whole = (name: string, description: string, most: number, usual: number) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'integer', minimum: 1, maximum: most, default: usual },
});

/** What is asked of one path, with its answers; the scope that a token needs. */
function operation(
  id: string,
  scope: ApiScope,
  summary: string,
  schema: object,
  parameters: readonly object[],
) {
  return {
    operationId: id,
    summary,
    security: [{ token: [scope] }],
    parameters,
    responses: {
      200: { description: summary, content: content(schema) },
      400: problem('A parameter is not understood.'),
      401: problem('There is no token, or nobody knows it.'),
      403: problem(`The token has no scope "${scope}".`),
      404: problem('There is no such service for this token.'),
      405: problem('The path is asked with another method.'),
      500: problem('Something failed that nobody foresaw; the log has more under the reference.'),
      503: problem('The bot starts, stops, or has no database now.'),
    },
  };
}

function shipOperation() {
  const summary = 'Starts a promotion; people approve it in Slack';
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    schema: { type: 'string', pattern: '^[!-~]{8,200}$' },
  };
  const described = { description: 'The same in every try of one request: it is one promotion.' };
  const { responses, ...rest } = operation('ship', 'ship', summary, refTo('Shipping'), [
    SERVICE,
    { ...key, ...described },
  ]);
  return {
    ...rest,
    requestBody: { content: content(refTo('Wish')) },
    responses: {
      ...responses,
      400: problem('The key or the body is not understood.'),
      403: problem('The token has no scope "ship", or whom it acts for may not start this.'),
      409: problem('It is refused as things are: another promotion is open, or a lock, a freeze.'),
      413: problem('The body is too long.'),
      422: problem('The key was used for something else.'),
      429: problem('The token starts too much.'),
    },
  };
}

/** What the API is, as OpenAPI 3.1. */
export function apiDescription(): object {
  const service = '/api/v1/services/{service}';
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version: '1',
      description: 'What is live, what was shipped, and how well; and shipping.',
    },
    paths: {
      '/api/v1/services': {
        get: operation('listServices', 'status', 'Services, 50 at a time', listOf('Service', 'services'), [
          { name: 'after', in: 'query', description: 'Those behind this name.', schema: { type: 'string' } },
        ]),
      },
      [service]: { get: operation('getService', 'status', 'A service', refTo('Service'), [SERVICE]) },
      [`${service}/history`]: {
        get: operation(
          'listPromotions',
          'history',
          'Promotions of a service, newest first',
          listOf('Promotion', 'promotions'),
          [SERVICE, whole('limit', 'So many at most.', 100, 25)],
        ),
      },
      [`${service}/dora`]: {
        get: operation('getFigures', 'dora', 'Figures of a service', refTo('Figures'), [
          SERVICE,
          whole('days', 'Over so many days.', 365, 30),
        ]),
      },
      [`${service}/promotions`]: { post: shipOperation() },
      [`${service}/promotions/{id}`]: {
        get: operation('getPromotion', 'ship', 'A promotion', refTo('Shipping'), [
          SERVICE,
          { ...SERVICE, name: 'id' },
        ]),
      },
      '/badge/{service}.svg': {
        get: {
          operationId: 'getBadge',
          summary: 'A picture: the version that is live, and what goes on',
          security: [{}, { token: ['status'] }],
          parameters: [SERVICE],
          responses: {
            200: { description: 'The badge', content: { 'image/svg+xml': {} } },
            401: problem('The time of the token is over.'),
            404: problem('There is no such badge for whoever asks.'),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: `Scopes: ${API_SCOPES.join(', ')}.` },
      },
      schemas: schemas(),
    },
  };
}

/** Each shape by its name; parts that have a name of their own stand beside it. */
function schemas(): Readonly<Record<string, object>> {
  const found: Record<string, object> = {};
  for (const shape of [ShipWish, ApiPromotion, ApiShipping, ApiService, ApiFigures, ApiProblem]) {
    const {
      $defs = {},
      $schema: _,
      id: name = '',
      ...schema
    } = named(shape) as {
      $defs?: Record<string, object>;
      $schema?: string;
      id?: string;
    };
    for (const [id, part] of Object.entries({ ...$defs, [name]: schema })) found[id] = pointed(part);
  }
  return found;
}

function pointed(schema: object): object {
  const { id: _, ...rest } = JSON.parse(
    JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as { id?: string };
  return rest;
}
