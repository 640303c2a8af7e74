import type { ServerResponse } from 'node:http';
import type { Behaviour } from './behaviour.ts';
import { frontPage } from './front-page.ts';
import type { LiveCommit } from './production.ts';

interface Page {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** What the shop answers: as deployed, unless it is made to misbehave. */
export function pageAt(
  path: string,
  live: LiveCommit | null,
  acting: Behaviour,
  failed: boolean,
  now: number,
): Page {
  if (acting.mode === 'down') return json(503, { error: 'the shop is down' });
  if (live === null) return json(503, { error: 'nothing is deployed yet' });
  if (failed) return json(500, { error: 'something went wrong' });
  switch (path) {
    case '/':
      return { status: 200, body: frontPage(live), type: 'text/html; charset=utf-8' };
    case '/health': {
      const well = acting.mode !== 'failing' || acting.errorRate < 0.5;
      return json(well ? 200 : 503, { status: well ? 'ok' : 'failing' });
    }
    case '/api/status':
      return json(200, {
        status: 'ok',
        version: live.version,
        uptime_s: Math.round((now - live.since) / 1_000),
      });
    case '/api/version':
      return json(200, { version: live.version, commit: live.commit });
    case '/api/products':
      return json(200, live.content.products);
    default:
      return json(404, { error: 'no such page' });
  }
}

export function json(status: number, value: unknown): Page {
  return { status, body: JSON.stringify(value), type: 'application/json' };
}

export function send(response: ServerResponse, { status, body, type = 'text/plain' }: Page): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
