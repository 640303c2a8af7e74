import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonBody, meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { logs } from '../../support/all-adapters.ts';

const FROM = Date.parse('2030-01-07T10:00:00Z');
const RANGE = { fromMs: FROM, toMs: FROM + 60_000, most: 2_000 };
const at = (ms: number) => new Date(FROM + ms).toISOString().replace('Z', '456+00:00');

let server: TestServer;
let kept: string[];
let logplex: string | null;
/** What the session was asked for. */
let session: { readonly lines: number; readonly source?: string; readonly dyno?: string };

/** As Logplex does it: of what it keeps of the app only then what is asked for, and of that the newest. */
function told(): readonly string[] {
  const { lines, source, dyno } = session;
  return kept
    .slice(-1_500)
    .filter((line) => {
      const [, from, writer = ''] = /^\S+ (\w+)\[(.+?)\]: /.exec(line) ?? [];
      const isOfDyno = dyno === undefined || writer === dyno || writer.startsWith(`${dyno}.`);
      return (source === undefined || from === source) && isOfDyno;
    })
    .slice(-lines);
}

beforeEach(async () => {
  kept = [];
  logplex = null;
  server = await startHttpServer();
  server.answer = async (request, response) => {
    const refused = (status: number, id: string, message: string) =>
      sendJson(response, { id, message }, status);
    if (request.url?.startsWith('/sessions/')) {
      if (request.headers.authorization !== undefined)
        return refused(400, 'strict', 'a token for another host');
      response.writeHead(200, { 'content-type': 'application/logplex-1' }).end(`${told().join('\n')}\n`);
      return;
    }
    if (request.headers.authorization !== 'Bearer heroku-secret-1') {
      return refused(401, 'unauthorized', 'Invalid credentials provided.');
    }
    if (!request.headers.accept?.includes('application/vnd.heroku+json; version=3')) {
      return refused(406, 'not_acceptable', 'Set the version');
    }
    if (request.url !== '/apps/shop/log-sessions' || request.method !== 'POST') {
      return refused(404, 'not_found', "Couldn't find that app.");
    }
    const { tail, ...asked } = (await jsonBody(request)) as typeof session & { readonly tail: boolean };
    session = asked;
    if (asked.lines > 1_500 || tail) return refused(422, 'invalid_params', 'strict');
    sendJson(response, { logplex_url: logplex ?? `${server.url}/sessions/1?srv=2`, created_at: at(0) }, 201);
  };
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown> = {}, url = server.url) =>
  logs.open(
    logs.settings.parse({
      use: 'heroku',
      app: 'shop',
      token: { env: 'HEROKU' },
      api: url,
      timeout: '10s',
      ...settings,
    }),
    adapterContext({ env: { HEROKU: 'heroku-secret-1' }, now: () => FROM + 60_000 }),
  );

meetsFaults({
  name: 'heroku',
  ask: (url, settings, signal) => open(settings, url).read(RANGE, signal),
  secrets: ['heroku-secret-1'],
});

describe('heroku', () => {
  test('gives the error lines that are kept of a time', async () => {
    kept = [
      `${at(-5)} app[web.1]: ERROR before`,
      `${at(1)} app[web.1]: ERROR no stock`,
      `${at(2)} app[web.1]: all is well`,
      `${at(3)} app[worker.2]: TypeError: no price`,
      'a line without a time: ERROR',
      '',
    ];
    expect(await open().read(RANGE)).toEqual({
      lines: [
        { atMs: FROM + 1, text: 'app[web.1]: ERROR no stock' },
        { atMs: FROM + 3, text: 'app[worker.2]: TypeError: no price' },
      ],
      cut: false,
    });
    expect(open().forgets).toBe(true);
    expect(open().link?.(RANGE)).toBe('https://dashboard.heroku.com/apps/shop/logs');
  });

  test('says when what was written earlier is gone', async () => {
    kept = Array.from({ length: 1_500 }, (_, nth) => `${at(1_000 + nth)} app[web.1]: fine`);
    expect(await open().read(RANGE)).toMatchObject({
      lines: [],
      cut: true,
      sinceMs: expect.any(Number),
    });
    expect(await open().read({ ...RANGE, fromMs: FROM + 1_500 })).toMatchObject({ cut: false });
  });

  test('says so also where others wrote most of what is kept', async () => {
    kept = Array.from({ length: 1_500 }, (_, nth) =>
      nth % 3 === 0
        ? `${at(1_000 + nth)} app[web.${nth % 2}]: fine`
        : `${at(1_000 + nth)} heroku[router]: at=error code=H12`,
    );
    for (const dyno of [undefined, 'web', 'web.1']) {
      const read = await open(dyno === undefined ? {} : { dyno }).read(RANGE);
      expect(read).toMatchObject({ lines: [], cut: true, sinceMs: FROM + 1_000 });
    }
  });

  test('reads the dynos that were asked for, by their type or by their name', async () => {
    const line = (nth: number, dyno: string) => `${at(nth)} app[${dyno}]: ERROR ${nth}`;
    kept = [line(1, 'web.1'), line(2, 'web.10'), line(3, 'webhooks.1'), line(4, 'worker.1')];
    const found = async (dyno: string) =>
      (await open({ dyno }).read(RANGE)).lines.map(({ text }) => text.split(' ').at(-1));
    expect(await found('web')).toEqual(['1', '2']);
    expect(await found('web.1')).toEqual(['1']);
  });

  test('follows no session to another host', async () => {
    logplex = 'https://evil.example/sessions/1';
    await expect(open().read(RANGE)).rejects.toMatchObject({ code: 'source-unclear' });
    logplex = 'https://logplex.heroku.com.evil.example/1';
    await expect(open().read(RANGE)).rejects.toMatchObject({ code: 'source-unclear' });
  });
});
