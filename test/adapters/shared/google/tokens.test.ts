import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readGoogleKey } from '../../../../src/adapters/shared/google/key.ts';
import { GoogleTokens } from '../../../../src/adapters/shared/google/tokens.ts';
import { redacted } from '../../../../src/domain/text/redaction.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../../fakes/http-server.ts';
import { sentenceOf } from '../../targets/platforms/platform-world.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const dir = mkdtempSync(join(tmpdir(), 'google-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let server: TestServer;
let env: Record<string, string>;
let now: number;
/** What was asked, and what is answered to it. */
let asked: {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}[];
let answer: { status: number; body: unknown };

beforeEach(async () => {
  server = await startHttpServer();
  asked = [];
  now = 1_900_000_000_000;
  answer = {
    status: 200,
    body: { access_token: 'ya29.first-token', expires_in: 3_600, token_type: 'Bearer' },
  };
  env = {};
  server.answer = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ url: request.url ?? '', body, headers: request.headers });
    const isMachine = request.url?.startsWith('/computeMetadata/');
    response.writeHead(answer.status, isMachine ? { 'metadata-flavor': 'Google' } : {});
    response.end(JSON.stringify(answer.body));
  };
});
afterEach(() => server.close());

const tokens = (withKey = true) =>
  GoogleTokens.of(
    withKey ? { env: 'GOOGLE_KEY' } : undefined,
    adapterContext({ env, configDir: dir, now: () => now }),
  );
const account = (more: object = {}) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'bot@acme.iam.gserviceaccount.com',
    private_key: privateKey,
    private_key_id: 'k1',
    token_uri: `${server.url}/token`,
    ...more,
  });

describe('tokens of Google Cloud', () => {
  test('come for a claim that the key of a service account has signed, and are kept until they expire', async () => {
    env['GOOGLE_KEY'] = account();
    const one = tokens();
    expect([await one.get(), await one.get()]).toEqual(['ya29.first-token', 'ya29.first-token']);
    expect(asked).toHaveLength(1);
    const form = new URLSearchParams(asked[0]?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claim = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
    expect(read(claim)).toEqual({
      iss: 'bot@acme.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: `${server.url}/token`,
      iat: now / 1_000,
      exp: now / 1_000 + 3_600,
    });
    const verify = createVerify('sha256').update(`${header}.${claim}`);
    expect(verify.verify(publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(redacted(`the token ya29.first-token and ${privateKey}`)).not.toMatch(/ya29|MII/);

    answer.body = { access_token: 'ya29.second-token', expires_in: 3_600 };
    now += 56 * 60_000;
    expect(await one.get()).toBe('ya29.second-token');
    // Until it has expired, the known one does while nobody gives a new one.
    answer.status = 503;
    now += 56 * 60_000;
    expect(await one.get()).toBe('ya29.second-token');
    now += 5 * 60_000;
    await expect(one.get()).rejects.toThrow(/it answered 503/);
  });

  test('come for the refresh token of a user, and for the file of a federated identity', async () => {
    const user = {
      type: 'authorized_user',
      client_id: 'c',
      client_secret: 'client-secret',
      refresh_token: 'r-token',
    };
    writeFileSync(join(dir, 'user.json'), JSON.stringify({ ...user, token_uri: `${server.url}/token` }));
    env['GOOGLE_APPLICATION_CREDENTIALS'] = join(dir, 'user.json');
    expect(await tokens(false).get()).toBe('ya29.first-token');
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'c',
      client_secret: 'client-secret',
      refresh_token: 'r-token',
    });

    writeFileSync(join(dir, 'oidc'), JSON.stringify({ id_token: 'from-the-cluster' }));
    env['GOOGLE_KEY'] = JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/k',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${server.url}/sts`,
      service_account_impersonation_url: `${server.url}/impersonate`,
      credential_source: { file: 'oidc', format: { type: 'json', subject_token_field_name: 'id_token' } },
    });
    answer.body = {
      access_token: 'federated-token',
      expires_in: 3_600,
      accessToken: 'bot-token',
      expireTime: '2033-01-01T00:00:00Z',
    };
    await tokens().get();
    expect(asked.slice(1).map(({ url }) => url)).toEqual(['/sts', '/impersonate']);
    expect(new URLSearchParams(asked[1]?.body).get('subject_token')).toBe('from-the-cluster');
    expect(asked[2]?.headers['authorization']).toBe('Bearer federated-token');
  });

  test('come from the machine, unless what answers there is something else', async () => {
    env['GCE_METADATA_HOST'] = new URL(server.url).host;
    expect(await tokens(false).get()).toBe('ya29.first-token');
    expect(asked[0]).toMatchObject({
      url: '/computeMetadata/v1/instance/service-accounts/default/token',
      headers: { 'metadata-flavor': 'Google' },
    });
    answer.status = 404;
    expect(await sentenceOf(tokens(false).get())).toContain('this machine has no service account');
    server.answer = (_, response) => void response.end('{}');
    expect(await sentenceOf(tokens(false).get())).toContain('this machine is none of Google Cloud');
  });

  test('come from a machine that has just started, or is silent for a moment, as soon as it answers', async () => {
    env['GCE_METADATA_HOST'] = new URL(server.url).host;
    const answers = server.answer;
    server.answer = (_, response) => {
      server.answer = (__, second) => void second.socket?.destroy();
      setTimeout(() => {
        server.answer = answers;
      }, 700);
      response.writeHead(503).end();
    };
    const one = tokens(false);
    expect(await one.get()).toBe('ya29.first-token');
    now += 3_600_000;
    server.answer = (_, response) => void response.socket?.destroy();
    await expect(one.get()).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test('what is wrong is said, and nothing of a key', async () => {
    env['GOOGLE_KEY'] = account();
    answer = { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
    expect(await sentenceOf(tokens().get())).toMatch(
      /no token \(400 Invalid JWT Signature\.\).*its clock is right/,
    );
    answer = { status: 400, body: { error: 'temporarily_unavailable' } };
    await expect(tokens().get()).rejects.toMatchObject({ name: 'Unavailable' });
    env['GOOGLE_KEY'] = account({ private_key: 'nothing of a key' });
    expect(await sentenceOf(tokens().get())).toContain('is no key in PEM');
    env['GOOGLE_KEY'] = account({ token_uri: 'http://somewhere.example/token' });
    expect(await sentenceOf(tokens().get())).toContain('token_uri is missing or not as documented');
    env['GOOGLE_APPLICATION_CREDENTIALS'] = 'nowhere.json';
    expect(await sentenceOf(tokens(false).get())).toContain('nowhere.json cannot be read (ENOENT)');
    answer = { status: 200, body: { access_token: '', expires_in: 'soon' } };
    env['GOOGLE_KEY'] = account();
    await expect(tokens().get()).rejects.toThrow(/its answer was not understood/);
  });

  test.each([
    ['no JSON', 'secret text', /KEY holds no JSON/],
    [
      'another kind',
      '{"type":"gdch_service_account"}',
      /no key of a service account, a user or a federated identity/,
    ],
    [
      'a program',
      '{"type":"external_account","audience":"a","subject_token_type":"t","token_url":"https://sts.googleapis.com","credential_source":{"executable":{"command":"x"}}}',
      /somewhere else than a file \(credential_source\.file/,
    ],
  ])('with %s there is a sentence', async (_name, text, words) => {
    const read = async () => readGoogleKey(text, 'KEY');
    expect(await sentenceOf(read())).toMatch(words);
    expect(await sentenceOf(read())).not.toContain('secret');
  });
});
