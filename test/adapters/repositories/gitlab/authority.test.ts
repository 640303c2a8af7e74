import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../support/certificate.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

describe('a GitLab with an authority of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-ca-'));
  let world: GitlabRepositoryWorld;
  let front: Server;
  let url = '';

  beforeAll(async () => {
    world = await gitlabWorld();
    world.push('main', 'feat: a', { a: '1' });
    const { key, cert } = await selfSigned(folder, ['localhost']);
    front = createServer({ key, cert }, (incoming, response) => {
      const { method, headers, url: path = '/' } = incoming;
      const passed = request(`${world.gitlab.url}${path}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => front.listen(0, 'localhost', resolve));
    url = `https://localhost:${(front.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    front?.close();
    rmSync(folder, { recursive: true, force: true });
    await world?.remove();
  });

  test('is believed by git and by the API when its authority is named, and by neither otherwise', async () => {
    const known = world.open({ url, ca: 'cert.pem' }, { configDir: folder });
    expect((await known.refs()).branches['main']).toMatch(/^[0-9a-f]{40}$/);
    expect(await known.writable('main')).toBeUndefined();
    const unknown = world.open({ url }, { configDir: folder });
    await expect(unknown.refs()).rejects.toThrow(/certificate/i);
    await expect(unknown.lacking?.('main')).rejects.toThrow(/certificate/i);
  });
});
