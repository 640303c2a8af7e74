import { describe, expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { isLoopback } from '../../../src/domain/text/loopback.ts';
import { keptSecret, redacted, redactedData } from '../../../src/domain/text/redaction.ts';

const SECRET = keptSecret('s3cr"et/+ö~value?');
const hidden = (text: string) => redacted(`before ${text} after`);

describe('a secret is taken out', () => {
  test.each<[string, string]>([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ a: SECRET })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: SECRET }))],
    ['percent-encoded', encodeURIComponent(SECRET)],
    [
      'percent-encoded in small letters',
      encodeURIComponent(SECRET).replace(/%../g, (at) => at.toLowerCase()),
    ],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('%s', (_, text) => {
    expect(hidden(text)).toMatch(/^before .*\*\*\*.* after$/);
    expect(hidden(text)).not.toContain(text);
  });

  test.each(['', 'x', 'xy', 'xyz', 'x-access-token', 'user'])(
    'of basic authentication for the user "%s"',
    (user) => {
      const basic = Buffer.from(`${user}:${SECRET}`).toString('base64');
      const shown = redacted(`Basic ${basic}`).slice('Basic '.length);
      // What is left of it are the user and a few bits of its first and last character.
      expect(shown).toContain('***');
      expect(Buffer.from(shown.split('***')[1] ?? '', 'base64').length).toBeLessThan(3);
    },
  );

  test('each line of a key by itself', () => {
    const lines = ['MIIEpAIBAAKCAQEA1c7', 'b2Vj9yQmHcN0d5F6xg=='];
    keptSecret(`-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----`);
    for (const line of lines) expect(hidden(line)).toBe('before *** after');
  });

  test('from plain data, keys too; bytes and dates are left alone', () => {
    const at = new Date(0);
    const bytes = Buffer.from('plain');
    expect(redactedData({ [SECRET]: [SECRET, 1, null, { inner: SECRET }], at, bytes })).toEqual({
      '***': ['***', 1, null, { inner: '***' }],
      at,
      bytes,
    });
  });

  test('from what people and the audit are told', () => {
    const refusal = new Refusal('repository-auth', { remote: 'git', reason: `401 ${SECRET}` });
    expect(refusal.facts).toEqual({ remote: 'git', reason: '401 ***' });
    expect(refusal.message).not.toContain(SECRET);
    const outage = new Unavailable('Slack', `it said ${SECRET}`);
    expect(outage.outage).toEqual({ what: 'Slack', reason: 'it said ***' });
    expect(outage.message).toBe('Slack: it said ***');
  });
});

test('words and numbers that are in every text are no secrets', () => {
  for (const common of ['', 'x1', 'postgres', 'production', '123456']) {
    expect(keptSecret(common)).toBe(common);
    expect(redacted(`a ${common} b`)).toBe(`a ${common} b`);
  }
});

test.each<[string, boolean]>([
  ['http://127.0.0.1:80/x', true],
  ['http://127.9.9.9/x', true],
  ['git://localhost/x', true],
  ['http://shop.localhost/x', true],
  ['http://[::1]/x', true],
  ['http://localhost.example/x', false],
  ['http://127.0.0.1.example/x', false],
  ['http://127.0.0.1@example/x', false],
  ['http://10.0.0.1/x', false],
  ['localhost', false],
])('%s is this machine: %s', (url, expected) => {
  expect(isLoopback(url)).toBe(expected);
});
