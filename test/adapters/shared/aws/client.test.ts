import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsClient, awsSettings, regionalAddress } from '../../../../src/adapters/shared/aws/client.ts';
import { cloudwatchConsole } from '../../../../src/adapters/shared/aws/console.ts';
import { sourceProblem } from '../../../../src/adapters/shared/aws/problem.ts';
import { parseSections } from '../../../../src/adapters/shared/aws/profile-files.ts';
import { membersAt, readXml, textAt } from '../../../../src/adapters/shared/aws/xml.ts';
import { redacted } from '../../../../src/domain/text/redaction.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { FakeAws } from '../../../fakes/clouds/aws.ts';

const SERVICE = {
  name: 'monitoring',
  title: 'CloudWatch',
  version: '2010-08-01',
  refusal: sourceProblem('CloudWatch', 'alerts'),
};
const ROLE = 'arn:aws:iam::123456789012:role/reader';

let aws: FakeAws;
let dir: string;
let env: Record<string, string>;
beforeEach(async () => {
  aws = await FakeAws.start();
  dir = await mkdtemp(join(tmpdir(), 'aws-'));
  env = {
    AWS_SHARED_CREDENTIALS_FILE: join(dir, 'credentials'),
    AWS_CONFIG_FILE: join(dir, 'config'),
    AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
  };
  aws.keys.set('AKIA1', { secret: 'long-lived-secret' });
  aws.onCall = (call, response) => aws.result(response, 'ListThings', `<Who>${call.accessKey}</Who>`);
});
afterEach(async () => {
  await aws.close();
  await rm(dir, { recursive: true, force: true });
});

const client = (settings: Record<string, unknown> = {}, timeoutMs = 5_000) =>
  new AwsClient(
    { region: 'eu-central-1', endpoint: aws.url, ...settings },
    SERVICE,
    timeoutMs,
    adapterContext({ env, now: () => aws.now }),
  );
const who = async (one = client()) =>
  textAt(await one.call('ListThings', { 'Names.member.1': "it's 100%" }), 'Who');

describe('keys of AWS', () => {
  test('come from the environment', async () => {
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'long-lived-secret' });
    expect(await who()).toBe('AKIA1');
    expect(aws.calls[0]?.service).toBe('monitoring');
    expect(Object.fromEntries(aws.calls[0]?.form ?? [])).toEqual({
      Action: 'ListThings',
      Version: '2010-08-01',
      'Names.member.1': "it's 100%",
    });
  });

  test('come from the config before that', async () => {
    Object.assign(env, {
      AWS_ACCESS_KEY_ID: 'AKIA0',
      AWS_SECRET_ACCESS_KEY: 'x',
      KEY: 'AKIA1',
      SECRET: 'long-lived-secret',
    });
    expect(await who(client({ 'access-key': { env: 'KEY' }, 'secret-key': { env: 'SECRET' } }))).toBe(
      'AKIA1',
    );
  });

  test('come from a profile, with the role that it names', async () => {
    await writeFile(
      join(dir, 'credentials'),
      '[base]\naws_access_key_id = AKIA1\naws_secret_access_key=long-lived-secret\n',
    );
    await writeFile(join(dir, 'config'), `[profile prod]\nsource_profile = base\nrole_arn = ${ROLE}\n`);
    expect(await who(client({ profile: 'base' }))).toBe('AKIA1');
    env['AWS_PROFILE'] = 'prod';
    expect(await who()).toBe('ASIA1');
    const [assumed] = aws.calls.filter(({ service }) => service === 'sts');
    expect(assumed).toMatchObject({ accessKey: 'AKIA1' });
    expect(assumed?.form.get('RoleArn')).toBe(ROLE);
    await expect(who(client({ profile: 'nobody' }))).rejects.toMatchObject({
      code: 'aws-credentials',
      facts: { reason: 'there is no profile nobody with keys or a role' },
    });
    await writeFile(
      join(dir, 'config'),
      '[profile sso]\nsso_session = acme\n[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = x\nsource_profile = a\n',
    );
    await expect(who(client({ profile: 'sso' }))).rejects.toThrow(
      'has sso_session, which Slipway does not use',
    );
    await expect(who(client({ profile: 'a' }))).rejects.toThrow('leads nowhere');
  });

  test('of a role are asked for with the external id of its profile; a second factor nobody can type', async () => {
    await writeFile(
      join(dir, 'credentials'),
      '[base]\naws_access_key_id = AKIA1\naws_secret_access_key=long-lived-secret\n',
    );
    const profile = (name: string, more: string) =>
      `[profile ${name}]\nsource_profile = base\nrole_arn = ${ROLE}\n${more}\n`;
    await writeFile(
      join(dir, 'config'),
      `${profile('vendor', 'external_id = acme-42')}${profile('plain', '')}${profile('second', 'mfa_serial = arn:aws:iam::1:mfa/ann')}`,
    );
    for (const name of ['vendor', 'plain']) await who(client({ profile: name }));
    const given = aws.calls
      .filter(({ service }) => service === 'sts')
      .map(({ form }) => form.get('ExternalId'));
    expect(given).toEqual(['acme-42', null]);
    await expect(who(client({ profile: 'second' }))).rejects.toThrow(
      'the profile second has mfa_serial, which Slipway does not use',
    );
  });

  test('come for a token of Kubernetes, which is read anew each time', async () => {
    const file = join(dir, 'token');
    await writeFile(file, 'jwt-one\n');
    Object.assign(env, { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: ROLE });
    aws.trusted = 'jwt-one';
    const one = client();
    expect(await who(one)).toBe('ASIA1');
    await writeFile(file, 'jwt-two\n');
    aws.trusted = 'jwt-two';
    aws.now += aws.lifeMs - 200_000;
    expect(await who(one)).toBe('ASIA2');
    aws.trusted = null;
    await expect(who()).rejects.toThrow('cannot be taken (400 InvalidIdentityToken)');
  });

  test.each([
    [400, 'Throttling', 'Rate exceeded'],
    [400, 'RequestLimitExceeded', 'Request limit exceeded.'],
    [400, 'IDPCommunicationError', 'The identity provider did not answer.'],
    [
      400,
      'InvalidIdentityToken',
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    ],
    [503, 'ServiceUnavailable', 'try again'],
  ])(
    'are waited for where the token service has a fault that passes: %i %s',
    async (status, code, message) => {
      const file = join(dir, 'token');
      await writeFile(file, 'jwt-one');
      Object.assign(env, { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: ROLE });
      aws.trusted = 'jwt-one';
      aws.stsTrouble = { status, code, message };
      const one = client();
      await expect(who(one)).rejects.toMatchObject({
        name: 'Unavailable',
        reason: expect.stringMatching(
          /^I/.test(code) ? `^it answered 400 ${code}: \\w.*[^.]$` : `^it answered ${status} \\(${code}\\)$`,
        ),
      });
      aws.stsTrouble = null;
      expect(await who(one)).toBe('ASIA1');
    },
  );

  test('are refused where the provider of the token is not reached for ten minutes', async () => {
    const file = join(dir, 'token');
    await writeFile(file, 'jwt-one');
    Object.assign(env, { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: ROLE });
    aws.trusted = 'jwt-one';
    const message = "Couldn't retrieve verification key from your identity provider,  please see";
    const silent = { status: 400, code: 'InvalidIdentityToken', message };
    aws.stsTrouble = silent;
    const one = client();
    const tries = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        await expect(who(one)).rejects.toMatchObject({ name: 'Unavailable' });
        aws.now += 60_000;
      }
    };
    await tries(10);
    await expect(who(one)).rejects.toMatchObject({
      code: 'aws-credentials',
      facts: {
        reason: `the role ${ROLE} cannot be taken: AWS has not reached the provider of the token for 10 min (it answered 400 InvalidIdentityToken: Couldn't retrieve verification key from your identity provider, please see)`,
      },
    });
    // Nobody asked for a while: it may just have begun.
    aws.now += 601_000;
    await tries(3);
    aws.stsTrouble = { status: 503, code: 'ServiceUnavailable', message: 'try again' };
    await tries(1);
    aws.stsTrouble = silent;
    await tries(6);
    await expect(who(one)).rejects.toMatchObject({ code: 'aws-credentials' });
    aws.stsTrouble = null;
    expect(await who(one)).toBe('ASIA1');
    aws.now += aws.lifeMs;
    aws.stsTrouble = silent;
    await tries(1);
  });

  test('are refused where the role may not be taken', async () => {
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'long-lived-secret' });
    aws.stsTrouble = { status: 403, code: 'AccessDenied', message: 'not authorized' };
    await expect(who(client({ role: ROLE }))).rejects.toMatchObject({
      code: 'aws-credentials',
      facts: { reason: `the role ${ROLE} cannot be taken (403 AccessDenied)` },
    });
  });

  test('come from the container, whose answer is kept until shortly before they expire', async () => {
    Object.assign(env, {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'agent-token',
    });
    aws.trusted = 'agent-token';
    const one = client();
    expect([await who(one), await who(one)]).toEqual(['ASIA1', 'ASIA1']);
    aws.now += aws.lifeMs - 200_000;
    aws.trusted = 'nobody';
    expect(await who(one), 'those that are known still hold').toBe('ASIA1');
    aws.now += 300_000;
    await expect(who(one)).rejects.toMatchObject({ code: 'aws-credentials' });
    env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = 'http://evil.example/container';
    await expect(who()).rejects.toThrow('neither https nor an address of this machine');
  });

  test('come from the machine, or from nowhere', async () => {
    aws.machineRole = 'web-server';
    expect(await who()).toBe('ASIA1');
    expect(redacted('temporary-secret-1 temporary-token-1')).toBe('*** ***');
    aws.machineRole = null;
    await expect(who()).rejects.toMatchObject({
      code: 'aws-credentials',
      facts: { reason: 'neither the environment nor a profile has keys, and this machine has no role' },
    });
    env['AWS_EC2_METADATA_DISABLED'] = 'true';
    const asked = aws.server.requests.length;
    await expect(who()).rejects.toMatchObject({ code: 'aws-credentials' });
    expect(aws.server.requests).toHaveLength(asked);
  });

  test('come from a machine that is silent for a moment as soon as it answers', async () => {
    aws.machineRole = 'web-server';
    aws.machineIsAway = true;
    setTimeout(() => {
      aws.machineIsAway = false;
    }, 700);
    expect(await who()).toBe('ASIA1');
    aws.machineIsAway = true;
    await expect(who()).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test('are fetched once for all who wait, and again when AWS calls them expired', async () => {
    aws.machineRole = 'web-server';
    const one = client();
    expect(await Promise.all([who(one), who(one), who(one)])).toEqual(['ASIA1', 'ASIA1', 'ASIA1']);
    Object.assign(aws.keys.get('ASIA1') ?? {}, { expired: true });
    expect(await who(one)).toBe('ASIA2');
  });
});

describe('an answer of AWS', () => {
  beforeEach(() =>
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'long-lived-secret' }),
  );

  test.each([
    [400, 'ValidationError', { code: 'source-refused', facts: { reason: 'ValidationError: no' } }],
    [403, 'AccessDenied', { code: 'source-unauthorised', facts: { status: '403 AccessDenied' } }],
    [400, 'Throttling', { name: 'Unavailable', reason: 'it answered 400 (Throttling)' }],
    [500, 'InternalServiceFault', { name: 'Unavailable' }],
  ])('%i %s', async (status, code, expected) => {
    aws.onCall = (_, response) => aws.error(response, status, code, 'no.');
    await expect(who()).rejects.toMatchObject(expected);
  });

  test('that is no answer', async () => {
    for (const body of ['<html><body>sign in', '', '<ListThingsResponse>', '{}']) {
      aws.onCall = (_, response) => void response.writeHead(200).end(body);
      await expect(who()).rejects.toMatchObject({ name: 'Unavailable' });
    }
    aws.onCall = () => {};
    await expect(who(client({}, 50))).rejects.toThrow('no answer within');
    aws.onCall = (_, response) => void response.socket?.destroy();
    await expect(who()).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test('to keys that it does not know, or that sign wrongly', async () => {
    env['AWS_SECRET_ACCESS_KEY'] = 'another-secret';
    await expect(who()).rejects.toMatchObject({
      code: 'source-unauthorised',
      facts: { status: '403 SignatureDoesNotMatch' },
    });
    env['AWS_ACCESS_KEY_ID'] = 'AKIA2';
    await expect(who()).rejects.toMatchObject({ facts: { status: '403 InvalidClientTokenId' } });
  });
});

test('regions have addresses, those of China and of the European Sovereign Cloud their own', () => {
  expect(regionalAddress('monitoring', 'eu-central-1')).toBe(
    'https://monitoring.eu-central-1.amazonaws.com/',
  );
  expect(regionalAddress('sts', 'eusc-de-east-1')).toBe('https://sts.eusc-de-east-1.amazonaws.eu/');
  expect(awsSettings.region.safeParse('eusc-de-east-1').success).toBe(true);
  expect(awsSettings.region.safeParse('europe').success).toBe(false);
  expect(cloudwatchConsole('eusc-de-east-1', 'alarmsV2:alarm/a')).toBe(
    'https://eusc-de-east-1.console.amazonaws-eusc.eu/cloudwatch/home?region=eusc-de-east-1#alarmsV2:alarm/a',
  );
  expect(regionalAddress('monitoring', 'cn-north-1')).toBe('https://monitoring.cn-north-1.amazonaws.com.cn/');
});

test('XML and profiles are read as far as they go', () => {
  expect(
    membersAt(readXml('<a><b><member>1</member><x/><member>2 &amp; 3</member></b></a>'), 'b').map(
      ({ text }) => text,
    ),
  ).toEqual(['1', '2 & 3']);
  expect(readXml('<a>'.repeat(50) + '</a>'.repeat(50))).toBeNull();
  expect(readXml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).toBeNull();
  const text =
    '# a\n[default]\nregion = eu-central-1\ns3 =\n  max = 1\n; b\n[profile "x y"]\nRole_Arn=r\n[open\nkey\n__proto__ = 1\n';
  expect([...parseSections(text)]).toEqual([
    ['default', { region: 'eu-central-1', s3: '' }],
    ['profile "x y"', { role_arn: 'r' }],
    ['open', {}],
  ]);
});
