import { z } from 'zod';
import { Unavailable } from '../../../../domain/refusals/refusal.ts';
import type { GithubClient } from './client.ts';
import type { Params } from './reply.ts';

const Reply = z.object({
  /** Absent where nothing was done at all. */
  data: z.unknown().optional(),
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).optional(),
});

/** The data, or why there is none in GitHub's words; `type` is its name for that. */
type GraphqlAnswer<T> = { readonly data: T } | { readonly refused: string; readonly type?: string };

/** The limit of GraphQL is one of its own, and GitHub says it with status 200. */
const LIMITED = 'RATE_LIMITED';

/**
 * Asks what only GraphQL tells. A question is asked again by itself when nobody answers, a mutation is not. Throws what
 * `client.send` throws, and Unavailable for an answer that is not as described.
 */
export async function askGraphql<T>(
  client: GithubClient,
  query: string,
  variables: Params,
  shape: z.ZodType<T>,
): Promise<GraphqlAnswer<T>> {
  client.graphqlLimit.mustBeOver();
  const again = !query.trimStart().startsWith('mutation');
  const reply = await client.send('POST /graphql', { baseUrl: client.graphql, query, variables }, Reply, {
    again,
    expect: [404],
  });
  if (reply.kind !== 'ok') return { refused: 'there is no GraphQL here' };
  const { data, errors = [] } = reply.data;
  const [first] = errors;
  if (first?.type === LIMITED) {
    const { resetsAt } = reply;
    const headers = { 'x-ratelimit-remaining': 0, ...(resetsAt ? { 'x-ratelimit-reset': resetsAt } : {}) };
    client.graphqlLimit.heed({ status: 429, headers, message: first.message });
    client.graphqlLimit.mustBeOver();
  }
  if (first !== undefined) {
    const { type } = first;
    return { refused: client.scrub(first.message), ...(type === undefined ? {} : { type }) };
  }
  const parsed = shape.safeParse(data);
  if (parsed.success) return { data: parsed.data };
  throw new Unavailable('GitHub', 'answered a GraphQL query in a way that Slipway does not understand');
}
