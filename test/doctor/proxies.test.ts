import { afterEach, beforeEach, expect, test } from 'vitest';
import { examine } from '../../src/doctor/finding.ts';
import { proxyProbe } from '../../src/doctor/proxies.ts';
import { FakeWebProxy, type ProxyFault } from '../fakes/network/web-proxy.ts';

let proxy: FakeWebProxy;

beforeEach(async () => {
  proxy = await new FakeWebProxy().start();
  proxy.knows('slack.com', proxy.port);
});
afterEach(() => proxy.close());

const look = async (env: Readonly<Record<string, string>>, slack?: string) =>
  (await examine([proxyProbe(env, slack)], 15_000)).map(({ status, detail }) => `${status}: ${detail}`);

test('says which proxy opens the way to Slack', async () => {
  expect(await look({ HTTPS_PROXY: `http://${proxy.name}` })).toEqual([
    `fine: HTTPS_PROXY names ${proxy.name}`,
    `fine: the proxy ${proxy.name} opens connections to slack.com:443`,
  ]);
  expect(proxy.seen).toEqual(['CONNECT slack.com:443']);
});

test('says nothing where there is none, and asks none for what NO_PROXY names', async () => {
  expect(await look({})).toEqual([]);
  expect(await look({ HTTPS_PROXY: `http://${proxy.name}`, NO_PROXY: 'slack.com' })).toEqual([
    `fine: HTTPS_PROXY names ${proxy.name}`,
  ]);
  expect(proxy.connections).toBe(0);
});

test.each<readonly [ProxyFault, RegExp]>([
  [407, /asks for a user and a password \(407\), and HTTPS_PROXY has none/],
  [403, /does not allow connections to slack\.com:443 \(403\)/],
  [502, /cannot reach slack\.com:443 \(502\)/],
  ['closes', /the connection was closed/],
  ['garbage', /the answer was not HTTP/],
  ['hung', /opened no connection to slack\.com:443 within 10 s/],
])('one with the fault %s is a problem that names it', async (fault, expected) => {
  proxy.fault = fault;
  const found = await look({ HTTPS_PROXY: `http://${proxy.name}` });
  expect(found).toEqual([expect.stringMatching(expected)]);
  expect(found[0]).toContain(`problem: The proxy ${proxy.name} `);
});

test('what is no proxy is a problem, without its password', async () => {
  const [found = ''] = await look({ HTTPS_PROXY: 'socks5://ada:some-word-7@proxy.test:1080' });
  expect(found).toMatch(/^problem: .*HTTPS_PROXY is "socks5:\/\/\*\*\*@proxy\.test:1080"/);
});
