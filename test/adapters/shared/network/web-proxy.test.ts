import { describe, expect, test } from 'vitest';
import { proxiesOf, proxyFor, proxyVariables } from '../../../../src/adapters/shared/network/web-proxy.ts';
import { redacted } from '../../../../src/domain/text/redaction.ts';

const PROXY = 'http://proxy.test:3128';

/** Through which proxy an address is asked. */
const through = (address: string, env: Readonly<Record<string, string>>) =>
  proxyFor(address, env)?.name ?? 'directly';

describe('which proxy', () => {
  test.each([
    ['https://slack.com/', { HTTPS_PROXY: PROXY }, 'proxy.test:3128'],
    ['https://slack.com/', { https_proxy: PROXY }, 'proxy.test:3128'],
    ['wss://wss-primary.slack.com/', { HTTPS_PROXY: PROXY }, 'proxy.test:3128'],
    ['http://shop.test/', { HTTPS_PROXY: PROXY }, 'directly'],
    ['http://shop.test/', { HTTP_PROXY: PROXY }, 'proxy.test:3128'],
    ['http://shop.test/', { http_proxy: PROXY }, 'proxy.test:3128'],
    ['https://slack.com/', { HTTP_PROXY: PROXY }, 'directly'],
    ['https://slack.com/', { ALL_PROXY: PROXY }, 'proxy.test:3128'],
    ['http://shop.test/', { all_proxy: PROXY, HTTPS_PROXY: 'http://other.test:1' }, 'proxy.test:3128'],
    ['https://slack.com/', { https_proxy: 'http://lower.test:1', HTTPS_PROXY: PROXY }, 'lower.test:1'],
    ['https://slack.com/', { https_proxy: '', HTTPS_PROXY: PROXY }, 'proxy.test:3128'],
    ['https://slack.com/', { HTTPS_PROXY: 'proxy.test:3128' }, 'proxy.test:3128'],
    ['https://slack.com/', { HTTPS_PROXY: 'ada:secret@proxy.test:3128/' }, 'proxy.test:3128'],
    ['https://slack.com/', { HTTPS_PROXY: 'https://proxy.test' }, 'proxy.test:443'],
    ['https://slack.com/', { HTTPS_PROXY: 'http://proxy.test' }, 'proxy.test:80'],
    ['https://slack.com/', { HTTPS_PROXY: 'http://[2001:db8::1]:3128' }, '[2001:db8::1]:3128'],
    ['https://slack.com/', { HTTPS_PROXY: '  ' }, 'directly'],
    ['https://slack.com/', {}, 'directly'],
  ])('%s with %o: %s', (address, env, expected) => {
    expect(through(address, env as Record<string, string>)).toBe(expected);
  });

  test.each([
    'http://127.0.0.1:4000/',
    'http://127.8.9.1/',
    'http://localhost:3000/',
    'https://shop.localhost/',
    'http://[::1]:8080/',
    'http://169.254.169.254/latest/api/token',
    'http://[fd00:ec2::23]/v1/credentials',
  ])('this machine is asked directly: %s', (address) => {
    expect(through(address, { ALL_PROXY: PROXY })).toBe('directly');
  });

  test.each(['socks5://proxy.test:1080', 'ftp://proxy.test', 'http://', 'http://a:b', '::'])(
    'what is no address of a proxy is refused: %s',
    (value) => {
      expect(() => proxiesOf({ HTTPS_PROXY: value })).toThrow(
        expect.objectContaining({
          code: 'environment-invalid',
          facts: expect.objectContaining({ name: 'HTTPS_PROXY' }),
        }),
      );
    },
  );

  test('a wrong one does no harm where nothing goes through it', () => {
    expect(proxiesOf({ ALL_PROXY: 'socks5://proxy.test:1080', NO_PROXY: '*' })).toEqual([]);
  });
});

describe('NO_PROXY', () => {
  const rows: readonly (readonly [list: string, address: string, isDirect: boolean])[] = [
    ['*', 'https://slack.com/', true],
    ['shop.corp, *', 'https://slack.com/', true],
    ['shop.corp', 'https://shop.corp/', true],
    ['shop.corp', 'https://SHOP.corp./', true],
    ['SHOP.CORP', 'https://shop.corp/', true],
    ['corp', 'https://shop.corp/', true],
    ['.corp', 'https://shop.corp/', true],
    ['.shop.corp', 'https://shop.corp/', true],
    ['*.corp', 'https://shop.corp/', true],
    ['corp', 'https://shopcorp/', false],
    ['.corp', 'https://notcorp/', false],
    ['shop.corp', 'https://corp/', false],
    ['shop.corp', 'https://shop.corp.evil.test/', false],
    ['a.test,shop.corp', 'https://shop.corp/', true],
    ['a.test shop.corp', 'https://shop.corp/', true],
    [' a.test ,, shop.corp ,', 'https://shop.corp/', true],
    ['shop.corp:8443', 'https://shop.corp:8443/', true],
    ['shop.corp:8443', 'https://shop.corp/', false],
    ['shop.corp:443', 'https://shop.corp/', true],
    ['shop.corp:443', 'wss://shop.corp/', true],
    ['shop.corp:80', 'https://shop.corp/', false],
    ['shop.corp:80', 'http://shop.corp/', true],
    ['.corp:8443', 'https://shop.corp:8443/', true],
    ['https://shop.corp/', 'https://shop.corp/', true],
    ['bücher.test', 'https://bücher.test/', true],
    ['10.1.2.3', 'http://10.1.2.3/', true],
    ['10.1.2.3', 'http://10.1.2.30/', false],
    ['2.3', 'http://10.1.2.3/', false],
    ['10.1.2.3:9090', 'http://10.1.2.3:9090/', true],
    ['10.1.2.3:9090', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://10.200.1.1:9090/', true],
    ['10.0.0.0/8', 'http://11.0.0.1/', false],
    ['10.0.0.0/99', 'http://10.0.0.1/', false],
    ['10.0.0.0/', 'http://10.0.0.1/', false],
    ['10.0.0.0/8', 'http://shop.corp/', false],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['fd00::/8', 'http://[2001:db8::1]/', false],
    ['2001:db8::1', 'http://[2001:db8::1]:9090/', true],
    ['2001:DB8:0::1', 'http://[2001:db8::1]/', true],
    ['[2001:db8::1]', 'http://[2001:db8::1]/', true],
    ['[2001:db8::1]:9090', 'http://[2001:db8::1]:9090/', true],
    ['[2001:db8::1]:9090', 'http://[2001:db8::1]/', false],
    ['', 'https://slack.com/', false],
    [',', 'https://slack.com/', false],
    ['.', 'https://slack.com/', false],
    ['/', 'https://slack.com/', false],
    [':443', 'https://slack.com/', false],
  ];

  test.each(rows)('"%s" and %s: directly %s', (list, address, isDirect) => {
    expect(through(address, { ALL_PROXY: PROXY, NO_PROXY: list }) === 'directly').toBe(isDirect);
    expect(through(address, { ALL_PROXY: PROXY, no_proxy: list, NO_PROXY: '*' }) === 'directly').toBe(
      list === '' || isDirect,
    );
  });
});

describe('the login', () => {
  test('is what the address says, decoded', () => {
    const authorization = (value: string) =>
      proxyFor('https://slack.com/', { HTTPS_PROXY: value })?.authorization;
    const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
    expect(authorization('http://ada:p%40ss%3Aword@proxy.test:1')).toBe(basic('ada:p@ss:word'));
    expect(authorization('http://ada@proxy.test:1')).toBe(basic('ada:'));
    expect(authorization('http://ada:100%@proxy.test:1')).toBe(basic('ada:100%'));
    expect(authorization('http://proxy.test:1')).toBeNull();
  });

  test('is in nothing that is shown', () => {
    const password = 'Correct-horse!9';
    const value = `http://ada:${encodeURIComponent(password)}@proxy.test:3128`;
    const [proxy] = proxiesOf({ HTTPS_PROXY: value });
    expect(JSON.stringify({ ...proxy, url: proxy?.url.href, authorization: null })).not.toContain('horse');
    for (const text of [value, proxy?.authorization ?? '', password, encodeURIComponent(password)])
      expect(redacted(`before ${text} behind`)).not.toMatch(/horse|Q29ycmVjd|ada:/);
    expect(() => proxiesOf({ HTTPS_PROXY: 'socks5://ada:other-word-7@proxy.test' })).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ value: 'socks5://***@proxy.test' }) }),
    );
  });
});

test('git gets one spelling of each variable, with this machine left out', () => {
  expect(proxyVariables({ HTTPS_PROXY: 'ada:p%40ss@proxy.test:3128', NO_PROXY: '.corp 10.0.0.0/8' })).toEqual(
    {
      https_proxy: 'http://ada:p%40ss@proxy.test:3128',
      no_proxy: '.corp,10.0.0.0/8,localhost,127.0.0.1,127.0.0.0/8,::1',
    },
  );
  expect(proxyVariables({ ALL_PROXY: PROXY, NO_PROXY: 'a.test,*' })).toEqual({
    http_proxy: PROXY,
    https_proxy: PROXY,
    no_proxy: '*',
  });
  expect(proxyVariables({ NO_PROXY: '*' })).toEqual({});
});
