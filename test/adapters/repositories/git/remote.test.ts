import { describe, expect, test } from 'vitest';
import { openRemote, protocolOf, RemoteSettings } from '../../../../src/adapters/repositories/git/remote.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';

const open = (settings: object, env = {}) =>
  openRemote(RemoteSettings.parse(settings), adapterContext({ configDir: '/etc/slipway', env }));

describe('the address of a remote', () => {
  test.each([
    ['https://github.com/acme/shop.git', 'http'],
    ['http://127.0.0.1:3000/shop.git', 'http'],
    ['ssh://git@github.com:22/acme/shop.git', 'ssh'],
    ['git@github.com:acme/shop.git', 'ssh'],
    ['deploy@git.shop.test:shop', 'ssh'],
    ['file:///srv/shop.git', 'file'],
    ['/srv/shop.git', 'path'],
    ['../shop.git', 'path'],
    ['shop with blanks.git', 'path'],
  ] as const)('%s is %s', (url, protocol) => {
    expect(RemoteSettings.safeParse({ url }).success).toBe(true);
    expect(protocolOf(url)).toBe(protocol);
  });

  test.each([
    ['https://user:hunter2@github.com/acme/shop.git', /without user name, password or token/],
    ['https://ghp_token@github.com/acme/shop.git', /without user name, password or token/],
    ['ssh://git:hunter2@github.com/shop.git', /without user name, password or token/],
    ['ext::sh -c "touch /tmp/owned"', /remote helpers are not allowed/],
    ['fd::17', /remote helpers are not allowed/],
    ['--upload-pack=touch /tmp/owned', /begin with a dash/],
    ['-x', /begin with a dash/],
    ['https://github.com/a\nb', /control characters/],
    ['ftp://shop.test/shop.git', /https, ssh or file/],
    ['', /./],
  ])('%j is refused, and its secret is not repeated', (url, message) => {
    const parsed = RemoteSettings.safeParse({ url });
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toMatch(message);
    expect(parsed.error?.message).not.toMatch(/hunter2|ghp_token/);
  });
});

describe('openRemote', () => {
  test('paths are relative to the config', () => {
    expect(open({ url: '../shop.git' }).url).toBe('/etc/shop.git');
    expect(open({ url: '/srv/shop.git' }).url).toBe('/srv/shop.git');
    expect(open({ url: 'https://x.test/shop.git' }).url).toBe('https://x.test/shop.git');
  });

  test('the token goes to its host only, as a header that git is told of', () => {
    const remote = open(
      { url: 'https://x.test:8443/acme/shop.git', token: { env: 'T' }, username: 'oauth2' },
      { T: 's3cret' },
    );
    const basic = Buffer.from('oauth2:s3cret').toString('base64');
    expect(remote.config).toEqual([
      ['http.https://x.test:8443/.extraHeader', `Authorization: Basic ${basic}`],
    ]);
    expect(remote.secrets).toEqual(['s3cret', basic]);
    expect(remote.environment).toEqual({});
  });

  test('ssh never asks, and takes the key that it is given, whatever its name', () => {
    const { environment } = open({ url: 'git@x.test:shop.git', 'ssh-key': "keys/it's mine" });
    expect(environment['GIT_SSH_COMMAND']).toBe(
      String.raw`ssh -o BatchMode=yes -o ConnectTimeout=15 -o IdentitiesOnly=yes -i '/etc/slipway/keys/it'\''s mine'`,
    );
    expect(open({ url: 'git@x.test:shop.git' }).environment['GIT_SSH_COMMAND']).not.toContain(' -i ');
  });
});
