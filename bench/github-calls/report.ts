import type { Github } from '../../demo/github/server.ts';

type Asked = Pick<Github['requests'][number], 'operation' | 'unchanged'>;

/** A whole promotion of a small service asks GitHub for at most so many answers that count against its rate limit. */
export const MOST_CALLS = 42;

/** What was asked between two moments. */
export interface Phase {
  readonly name: string;
  readonly requests: readonly Asked[];
}

interface RequestCount {
  readonly all: number;
  /** Answered with 304: nothing had changed, and the rate limit is not touched. */
  readonly unchanged: number;
  readonly counted: number;
}

export function countRequests(requests: readonly Asked[]): RequestCount {
  const unchanged = requests.filter((one) => one.unchanged).length;
  return { all: requests.length, unchanged, counted: requests.length - unchanged };
}

/** Two tables in Markdown: by phase, and by route. */
export function reportOf(phases: readonly Phase[]): string {
  const all = phases.flatMap(({ requests }) => requests);
  const row = (name: string, requests: readonly Asked[]) => {
    const { all: total, unchanged, counted } = countRequests(requests);
    return `| ${name} | ${total} | ${unchanged} | ${counted} |`;
  };
  const routes = [...new Set(all.map(({ operation }) => operation))]
    .map((operation) => ({ operation, requests: all.filter((one) => one.operation === operation) }))
    .sort((a, b) => countRequests(b.requests).counted - countRequests(a.requests).counted);
  const head = '| requests | not changed (304) | count |\n|---|---:|---:|---:|';
  return `| phase ${head}
${phases.map(({ name, requests }) => row(name, requests)).join('\n')}
${row('**a promotion**', all)}

| route ${head}
${routes.map(({ operation, requests }) => row(`\`${operation.replace('/repos/{owner}/{repo}', '…')}\``, requests)).join('\n')}
`;
}
