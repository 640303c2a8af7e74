import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { gateContract, QUESTION } from '../../contracts/gate.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { gates } from '../../support/all-adapters.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown> = {}, env: Record<string, string> = {}) =>
  gates.open(
    gates.settings.parse({ use: 'http', name: 'error-budget', url: `${server.url}/budget`, ...settings }),
    adapterContext({ env }),
  );
const ask = (settings?: Record<string, unknown>, env?: Record<string, string>) =>
  open(settings, env).check(QUESTION);
const answering = (status: number, body = '', headers: Record<string, string> = {}) => {
  server.answer = (_, response) => response.writeHead(status, headers).end(body);
};
const saying = (json: unknown, status = 200) => answering(status, JSON.stringify(json));

gateContract({
  name: 'http',
  gate: () =>
    gates.open(
      gates.settings.parse({ use: 'http', name: 'error-budget', url: 'https://slo.example/' }),
      adapterContext(),
    ),
  well: () => ask(),
  unwell: async () => {
    answering(409);
    return ask();
  },
  silent: async () => {
    await server.close();
    return ask();
  },
  hanging: {
    ask: async () => {
      server.answer = () => {};
      return ask({ timeout: '200ms' });
    },
    withinMs: 1_500,
  },
});

describe('the http gate', () => {
  test('has its id from its name and its title from either', () => {
    expect(open()).toMatchObject({ id: 'gates/error-budget', title: 'Error budget', breakable: false });
    expect(open({ title: 'SLO', 'break-glass': true })).toMatchObject({ title: 'SLO', breakable: true });
  });

  test('asks about the candidate, in the address', async () => {
    await ask({
      url: `${server.url}/{service}/{commit}?v={version}&f={feature}&b={branch}&s={validated}&x={y}`,
    });
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: `/shop/${QUESTION.commit}?v=1.3.0&f=014-coupons&b=main&s=${QUESTION.validated}&x={y}`,
    });
  });

  test('nothing that comes from outside gets out of its place in the address', async () => {
    const gate = open({ url: `${server.url}/gate/{feature}/end` });
    await gate.check({ ...QUESTION, feature: '../../admin?x=1#y' });
    expect(server.requests[0]?.path).toBe('/gate/..%2F..%2Fadmin%3Fx%3D1%23y/end');
  });

  test('is unknown while what it asks about is not decided', async () => {
    const { version: _version, ...early } = QUESTION;
    const answer = await open({ url: `${server.url}/{version}` }).check(early);
    expect(answer).toMatchObject({
      verdict: 'unknown',
      reason: 'The address needs the version, which is not decided yet.',
    });
    expect(server.requests).toEqual([]);
  });

  test('sends the facts as JSON, with its secrets', async () => {
    let body = '';
    server.answer = (request, response) => {
      request.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      request.on('end', () => response.end());
    };
    const headers = { authorization: { env: 'SLO_TOKEN', prefix: 'Bearer ' } };
    await ask({ method: 'POST', headers }, { SLO_TOKEN: 's3cret' });
    expect(JSON.parse(body)).toEqual(QUESTION);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'content-type': 'application/json',
    });
    const missing = await ask({ headers }).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(Refusal);
  });

  test.each([
    ['the status', 200, {}, 'passed', 'It answered 200.'],
    ['another status', 204, {}, 'failed', 'It answered 204, expected 200.'],
    ['one of a class', 204, { status: '2xx' }, 'passed', 'It answered 204.'],
    ['no such thing', 404, {}, 'failed', 'It answered 404, expected 200.'],
    ['a redirect', 302, {}, 'unknown', 'It answered 302, expected 200.'],
    ['a redirect that is asked for', 302, { status: 302 }, 'passed', 'It answered 302.'],
    ['a token that is not taken', 401, {}, 'unknown', 'It answered 401, expected 200.'],
    ['one that may not', 403, {}, 'unknown', 'It answered 403, expected 200.'],
    ['a server that wants patience', 408, {}, 'unknown', 'It answered 408, expected 200.'],
    ['a server that is too early', 425, {}, 'unknown', 'It answered 425, expected 200.'],
    ['a limit of requests', 429, {}, 'unknown', 'It answered 429, expected 200.'],
    ['a limit that is asked for', 429, { status: [200, '4xx'] }, 'passed', 'It answered 429.'],
    ['a broken server', 500, {}, 'unknown', 'It answered 500.'],
    ['a broken server that is asked for', 503, { status: 503 }, 'unknown', 'It answered 503.'],
  ])('decides by %s', async (_what, status, settings, verdict, reason) => {
    answering(status, '', { location: '/' });
    expect(await ask(settings)).toMatchObject({ verdict, reason });
  });

  test('takes verdict, reason and link from the answer', async () => {
    const json = {};
    saying({ verdict: 'passed', reason: '98 % of the budget is left', link: 'https://slo.example/shop' });
    expect(await ask({ json })).toEqual({
      verdict: 'passed',
      reason: '98 % of the budget is left',
      link: 'https://slo.example/shop',
    });
    saying({ verdict: 'failed', reason: ' the budget is spent ' });
    expect(await ask({ json })).toMatchObject({ verdict: 'failed', reason: 'the budget is spent' });
    saying({ verdict: 'pending' });
    expect(await ask({ json })).toMatchObject({ verdict: 'pending', reason: 'It is not decided yet.' });
  });

  test('reads other words in other places', async () => {
    const json = { verdict: 'gate.ok', passed: true, failed: [false, 'no'], reason: 'gate.notes[0]' };
    saying({ gate: { ok: true, notes: ['fine'] } });
    expect(await ask({ json })).toMatchObject({ verdict: 'passed', reason: 'fine' });
    saying({ gate: { ok: 'no', notes: [] } });
    expect(await ask({ json })).toMatchObject({ verdict: 'failed', reason: 'It says no.' });
    saying({ gate: { ok: 'true' } });
    expect((await ask({ json })).verdict).toBe('unknown');
  });

  test.each([
    ['no JSON', '<html>', 'The body is not JSON.'],
    ['no verdict', '{}', 'The answer has no verdict.'],
    ['a word that is none', '{"verdict":"PASSED"}', 'verdict is "PASSED", which is no verdict.'],
    ['null', 'null', 'The answer has no verdict.'],
    ['a list', '{"verdict":["passed"]}', 'verdict is ["passed"], which is no verdict.'],
    ['an inherited name', '{"x":{}}', 'The answer has no verdict.'],
  ])('never passes on %s', async (_what, body, reason) => {
    answering(200, body);
    expect(await ask({ json: {} })).toMatchObject({ verdict: 'unknown', reason });
  });

  test('never passes on a body too long to be read whole', async () => {
    answering(200, JSON.stringify({ verdict: 'passed', padding: 'x'.repeat(1_100_000) }));
    expect(await ask({ json: {} })).toMatchObject({ verdict: 'unknown' });
  });

  test('offers no link that is not a web address', async () => {
    saying({ verdict: 'passed', reason: 'fine', link: 'javascript:alert(1)' });
    expect(await ask({ json: {} })).not.toHaveProperty('link');
  });
});
