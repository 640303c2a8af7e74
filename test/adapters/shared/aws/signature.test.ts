import { expect, test } from 'vitest';
import { signedHeaders } from '../../../../src/adapters/shared/aws/signature.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const AT = Date.parse('2015-08-30T12:36:00Z');

// The signatures that AWS publishes for these requests.
test('signs as the published examples are signed', () => {
  const iam = signedHeaders(
    {
      method: 'GET',
      url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: '',
    },
    KEYS,
    { region: 'us-east-1', service: 'iam' },
    AT,
  );
  expect(iam['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
  const sign = (method: 'GET' | 'POST', path: string) =>
    signedHeaders(
      { method, url: new URL(path, 'https://example.amazonaws.com'), headers: {}, body: '' },
      KEYS,
      { region: 'us-east-1', service: 'service' },
      AT,
    )['authorization']?.split('Signature=')[1];
  expect(sign('GET', '/')).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31');
  expect(sign('POST', '/')).toBe('5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b');
  expect(sign('GET', '/?Param2=value2&Param1=value1')).toBe(
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  );
});

test('signs a session token and the port of an address too', () => {
  const headers = signedHeaders(
    { method: 'POST', url: new URL('http://127.0.0.1:4566/'), headers: {}, body: 'Action=A' },
    { ...KEYS, sessionToken: 'token' },
    { region: 'eu-central-1', service: 'monitoring' },
    AT,
  );
  expect(headers).toMatchObject({ host: '127.0.0.1:4566', 'x-amz-security-token': 'token' });
  expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,');
});
