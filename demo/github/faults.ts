/** What goes wrong with one request. */
export type Fault =
  | '500'
  | '502'
  | 'timeout'
  | 'reset-before'
  | 'reset-after'
  | '401'
  | '403-permission'
  | '403-rate-limit'
  | '429'
  | '404'
  | '409'
  | '422';

/** A refusal in words that only some requests are answered with. */
export interface Said {
  readonly status: number;
  readonly message: string;
}

export const FAULTS: readonly Fault[] = [
  '500',
  '502',
  'timeout',
  'reset-before',
  'reset-after',
  '401',
  '403-permission',
  '403-rate-limit',
  '429',
  '404',
  '409',
  '422',
];

export interface FaultyAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What GitHub answers, in its own words. Null: the connection breaks or nothing comes. */
export function faultyAnswer(fault: Fault | Said, permission: string, nowMs: number): FaultyAnswer | null {
  const say = (status: number, message: string, headers?: FaultyAnswer['headers']): FaultyAnswer => ({
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
    ...(headers ? { headers } : {}),
  });
  if (typeof fault === 'object') return say(fault.status, fault.message);
  switch (fault) {
    case '500':
      return say(500, 'Internal Server Error');
    case '502':
      return { status: 502, body: '<html><head><title>502 Bad Gateway</title></head></html>' };
    case '401':
      return say(401, 'Bad credentials');
    case '403-permission':
      return say(403, 'Resource not accessible by personal access token', {
        'x-accepted-github-permissions': permission,
      });
    case '403-rate-limit':
      return say(403, 'API rate limit exceeded for installation ID 1.', {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(nowMs / 1_000) + 1),
      });
    case '429':
      return say(
        429,
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        {
          'retry-after': '1',
        },
      );
    case '404':
      return say(404, 'Not Found');
    case '409':
      return say(409, 'Conflict: another change is under way');
    case '422':
      return say(422, 'Validation Failed');
    case 'timeout':
    case 'reset-before':
    case 'reset-after':
      return null;
  }
}

interface Planned {
  readonly matches: (operation: string, request: string) => boolean;
  readonly fault: Fault | Said;
  /** Requests that are let through first. */
  skip: number;
  left: number;
}

/** Faults that wait for their request. */
export class Faults {
  /** Every refusal repeats what the caller sent as `authorization`: as bad as a host or a proxy can be. */
  echoes = false;
  #planned: Planned[] = [];

  /**
   * The next `times` requests of an operation (all of it, or its beginning) go wrong like this; an expression is
   * held against the request itself: `PATCH /repos/acme/shop/git/refs/heads/main`. `skip`: not the first of them.
   */
  next(operation: string | RegExp, fault: Fault | Said, times = 1, skip = 0): void {
    const matches = (asked: string, request: string) =>
      typeof operation === 'string' ? asked.startsWith(operation) : operation.test(request);
    this.#planned.push({ matches, fault, left: times, skip });
  }

  take(operation: string, request: string): Fault | Said | null {
    const found = this.#planned.find((one) => one.left > 0 && one.matches(operation, request));
    if (!found) return null;
    if (found.skip > 0) {
      found.skip--;
      return null;
    }
    found.left--;
    return found.fault;
  }

  clear(): void {
    this.#planned = [];
  }
}
