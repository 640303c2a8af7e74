import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

const KEYS = { 'api-key': { env: 'TOKEN' }, 'application-key': { env: 'TOKEN' } };
const KINDS: Readonly<Record<string, object>> = {
  prometheus: { selector: 'job="shop"' },
  sentry: { organization: 'acme', projects: [7], token: { env: 'TOKEN' } },
  datadog: { ...KEYS, total: 'sum:hits{*}.as_count()' },
  'http-json': { total: 'requests.total' },
};
const RANGE = { fromMs: 1_760_000_000_000, toMs: 1_760_000_240_000, stepMs: 60_000 };
const SIGN_IN = '<!doctype html><title>Sign in</title>';

let server: TestServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

function answers(status: number, body = '', headers: Record<string, string> = {}): void {
  server.answer = (_, response) => response.writeHead(status, headers).end(body);
}

describe.each(Object.entries(KINDS))('%s', (use, settings) => {
  const open = () => {
    const url = use === 'http-json' ? `${server.url}/stats?from={from}&to={to}` : server.url;
    const parsed = metrics.settings.parse({ use, url, ...settings });
    return metrics.open(parsed, adapterContext({ env: { TOKEN: 'token-value' }, now: () => RANGE.toMs }));
  };
  const asked = () =>
    open()
      .preflight()
      .catch((error: unknown) => error);

  test.each([
    ['a redirect', 302, '', 'source-refused'],
    ['a sign-in page', 200, SIGN_IN, 'source-unclear'],
    ['JSON of another server', 409, '{"gone":true}', 'source-refused'],
  ])('%s is for a person to mend', async (_, status, body, code) => {
    answers(status, body, { location: 'https://login.example/' });
    expect(await asked()).toMatchObject({ name: 'Refusal', code, facts: { setting: 'metrics' } });
    await expect(open().read(RANGE, 'after'), 'a watch goes on').rejects.toMatchObject({
      name: 'Unavailable',
      reason: expect.stringMatching(/^its? /),
    });
  });

  test.each([408, 425, 429, 500, 502, 503])('%i may pass', async (status) => {
    answers(status, '', { 'retry-after': '7' });
    expect(await asked()).toMatchObject({ name: 'Unavailable', retryAfterMs: 7_000 });
  });

  test('JSON that calls itself a page is read', async () => {
    answers(200, '[]', { 'content-type': 'text/html; charset=UTF-8' });
    expect(await asked()).not.toMatchObject({ facts: { reason: expect.stringContaining('web page') } });
    answers(200, '', { 'content-type': 'text/html; charset=UTF-8' });
    expect(await asked()).toMatchObject({ facts: { reason: expect.stringContaining('web page') } });
  });

  test('half an answer may pass', async () => {
    answers(200, '{"status":"succ', { 'content-type': 'application/json' });
    expect(await asked()).toMatchObject({ name: 'Unavailable' });
  });
});
