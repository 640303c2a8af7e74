import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { checks } from '../../support/all-adapters.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

const answering = (body: unknown, headers: Record<string, string> = {}, status = 200) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  server.answer = (_, response) => response.writeHead(status, headers).end(text);
};
const open = (settings: Record<string, unknown> = {}) =>
  checks.open(
    checks.settings.parse({ use: 'version', url: `${server.url}/api/version`, ...settings }),
    adapterContext(),
  );
const attempt = (settings?: Record<string, unknown>) =>
  open(settings).attempt(EXPECTED, AbortSignal.timeout(10_000));

checkContract({
  name: 'version',
  well: async () => {
    answering({ version: '1.3.0' });
    return open();
  },
  unwell: async () => {
    answering({ version: '1.2.0' });
    return open();
  },
  gone: async () => {
    await server.close();
    return open();
  },
});

describe('the version check', () => {
  test.each([['1.3.0'], ['v1.3.0'], [' 1.3.0\n'], [EXPECTED.commit], ['c0ffee1'], ['C0FFEE12']])(
    'takes %j for the new release',
    async (version) => {
      answering({ version });
      expect(await attempt()).toMatchObject({ ok: true });
    },
  );

  test.each([
    ['1.2.0', 'answered 1.2.0, expected 1.3.0'],
    ['1.3.0-rc.1', 'answered 1.3.0-rc.1, expected 1.3.0'],
    ['c0ffee', 'answered c0ffee, expected 1.3.0'],
    ['deadbeef', 'answered deadbeef, expected c0ffee1'],
    ['', 'version is missing'],
    [null, 'version is missing'],
  ])('takes %j for something else', async (version, detail) => {
    answering({ version });
    expect(await attempt()).toMatchObject({ ok: false, detail });
  });

  test('wants all of several places to be new', async () => {
    const settings = { json: ['version', 'build.commit'] };
    answering({ version: '1.3.0', build: { commit: EXPECTED.commit } });
    expect(await attempt(settings)).toMatchObject({ ok: true });
    answering({ version: '1.3.0', build: { commit: '0123456789abcdef' } });
    expect(await attempt(settings)).toMatchObject({
      ok: false,
      detail: 'answered 0123456789abcdef, expected c0ffee1',
    });
  });

  test('reads a header', async () => {
    answering('', { 'x-version': '1.3.0' });
    expect(await attempt({ header: 'X-Version' })).toMatchObject({ ok: true, detail: 'answered 1.3.0' });
    expect(await attempt({ header: 'X-Build' })).toMatchObject({
      ok: false,
      detail: 'header X-Build is missing',
    });
  });

  test.each([
    ['<footer>Version 1.3.0, thanks</footer>', true],
    ['<footer>commit c0ffee1</footer>', true],
    ['It is v1.3.0.', true],
    ['11.3.0', false],
    ['1.3.0.1', false],
    ['1.3.0-rc.1', false],
    ['1.2.0', false],
    ['', false],
  ])('finds the version in the text %j: %j', async (body, ok) => {
    answering(body);
    expect(await attempt({ text: true })).toMatchObject({ ok });
  });

  test('says when the answer is no version at all', async () => {
    answering({ error: 'no' }, {}, 500);
    expect(await attempt()).toMatchObject({ ok: false, detail: 'answered 500, expected a version' });
    answering('<html>');
    expect(await attempt()).toMatchObject({ ok: false, detail: 'the body is not JSON' });
    answering({ version: '<!channel>\n*urgent*' });
    expect((await attempt()).detail).toBe('answered "<!channel>\\n*urgent*", expected 1.3.0');
  });

  test('wants one way of looking', () => {
    const settings = { use: 'version', url: server.url, json: 'version', text: true };
    expect(checks.settings.safeParse(settings).success).toBe(false);
  });
});
