import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { Cluster, ClusterSettings } from '../../../../src/adapters/targets/kubernetes/cluster.ts';
import { readKubeconfig } from '../../../../src/adapters/targets/kubernetes/kubeconfig.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { selfSigned } from '../../../support/certificate.ts';
import { failureOf, sentenceOf } from '../platforms/platform-world.ts';

const noFile = async (path: string): Promise<string> => {
  throw new Error(`nobody asked for ${path}`);
};

function kubeconfig(cluster: object, user: object): string {
  return stringify({
    'current-context': 'prod',
    contexts: [{ name: 'prod', context: { cluster: 'eu', user: 'bot', namespace: 'shop' } }],
    clusters: [{ name: 'eu', cluster: { server: 'https://k8s.test:6443', ...cluster } }],
    users: [{ name: 'bot', user }],
  });
}

describe('a kubeconfig', () => {
  test('gives server, authority and login of its context', async () => {
    const ca = Buffer.from('the authority').toString('base64');
    const byToken = kubeconfig({ 'certificate-authority-data': ca }, { token: 't0ken' });
    expect(await readKubeconfig(byToken, undefined, noFile)).toEqual({
      api: 'https://k8s.test:6443',
      token: 't0ken',
      tls: { ca: 'the authority' },
    });
    const byFile = kubeconfig({}, { 'client-certificate': 'bot.pem', 'client-key': 'bot.key' });
    expect(await readKubeconfig(byFile, 'prod', async (path) => `what ${path} holds`)).toEqual({
      api: 'https://k8s.test:6443',
      token: null,
      tls: { cert: 'what bot.pem holds', key: 'what bot.key holds' },
    });
  });

  test.each([
    ['no YAML', '{', /it is no YAML/],
    ['nothing in it', '{}', /contexts is missing/],
    [
      'another context',
      kubeconfig({}, { token: 'a' }).replace('current-context: prod', 'current-context: qa'),
      /no context qa/,
    ],
    [
      'no proof of the server',
      kubeconfig({ 'insecure-skip-tls-verify': true }, { token: 'a' }),
      /insecure-skip-tls-verify/,
    ],
    [
      'a server that is sent the token in clear',
      kubeconfig({ server: 'http://k8s.test:8080' }, { token: 'a' }),
      /server of the cluster eu is not an https address/,
    ],
    [
      'a program for the login',
      kubeconfig({}, { exec: { command: 'aws' } }),
      /runs no program.*service account/,
    ],
  ])('with %s is refused in words', async (_name, text, words) => {
    expect(await sentenceOf(readKubeconfig(text, undefined, noFile))).toMatch(words);
  });
});

describe('a cluster with an authority of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cluster-'));
  let server: Server;
  let api = '';

  beforeAll(async () => {
    const { key, cert } = await selfSigned(folder, ['localhost']);
    server = createServer({ key, cert }, (request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer t0ken-of-kube' ? 200 : 401);
      response.end('{"kind":"Status"}');
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    api = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(settings: object): Promise<unknown> {
    const context = adapterContext({ configDir: folder, env: { KUBE: 't0ken-of-kube' } });
    const cluster = new Cluster(ClusterSettings.parse(settings), context);
    const call = { path: '/version', reply: z.unknown(), doing: 'ask', needs: 'nothing', what: 'it' };
    return (await (await cluster.api()).call(call)).status;
  }

  test('is believed by that authority only', async () => {
    expect(await ask({ api, token: { env: 'KUBE' }, ca: 'cert.pem' })).toBe(200);
    expect(String(await failureOf(ask({ api, token: { env: 'KUBE' } })))).toMatch(/certificate/);
    const file = kubeconfig({ server: api, 'certificate-authority': 'cert.pem' }, { tokenFile: 'token' });
    writeFileSync(join(folder, 'config'), file);
    writeFileSync(join(folder, 'token'), 't0ken-of-kube\n');
    expect(await ask({ kubeconfig: 'config' })).toBe(200);
  });

  test('what is missing is said', async () => {
    expect(await sentenceOf(ask({ kubeconfig: 'nowhere' }))).toContain('nowhere cannot be read (ENOENT)');
    expect(await sentenceOf(ask({}))).toContain('names no `cluster`, and Slipway does not run in one');
    expect(() => ClusterSettings.parse({ api })).toThrow(/api with token, or kubeconfig/);
  });
});
