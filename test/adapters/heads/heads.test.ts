import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace } from '../../../demo/workspace/server/start.ts';
import { heads } from '../../../src/adapters/heads/index.ts';
import { readHeadsSync } from '../../../src/adapters/heads/lines.ts';
import type { HeadPlace } from '../../../src/adapters/heads/port.ts';
import { slackClient } from '../../../src/adapters/slack/client.ts';
import type { AuditHead } from '../../../src/domain/audit/head.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { publishDue } from '../../../src/jobs/publish-heads.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer } from '../../fakes/http-server.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';

const AT = Date.UTC(2030, 0, 1);

function head(seq: number, hash = 'a'): AuditHead {
  return { seq, hash: hash.repeat(64), key: 'K', signature: 'S', at: AT + seq };
}

let dir: string;
const open = (settings: object, slack: WebClient = new WebClient(), dataDir = dir, moved = {}): HeadPlace =>
  heads.open(heads.settings.parse(settings), {
    ...adapterContext({ dataDir, configDir: dir, env: { SECRET: 'a-long-secret-of-it' } }),
    slack,
    movedChannels: async () => new Map(Object.entries(moved)),
  });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-heads-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('heads in a file', () => {
  it('are added, each number once, also by the next process', async () => {
    const settings = { use: 'file', path: 'heads.ndjson' };
    const place = open(settings);
    expect(await place.kept?.()).toEqual([]);
    for (const seq of [1, 1, 3, 2]) await place.publish(head(seq), 's');
    await open(settings).publish(head(3), 's');
    await open(settings).publish(head(4), 's');
    expect(await place.kept?.()).toEqual([head(1), head(3), head(4)]);
    expect(readFileSync(join(dir, 'heads.ndjson'), 'utf8').split('\n')).toHaveLength(4);
  });

  it('are added behind a line that a full disk tore', async () => {
    const settings = { use: 'file', path: 'heads.ndjson' };
    await open(settings).publish(head(1), 's');
    appendFileSync(join(dir, 'heads.ndjson'), '{"seq":2,"ha');
    await open(settings).publish(head(3), 's');
    expect(await open(settings).kept?.()).toEqual([head(1), head(3)]);
  });

  it('are read from the end only: a file may be larger than what a process can hold', async () => {
    const file = join(dir, 'h');
    writeFileSync(file, '');
    truncateSync(file, 3 * 2 ** 30);
    const lines = Array.from({ length: 1_000 }, (_, at) => `${JSON.stringify(head(at + 1))}\n`);
    appendFileSync(file, `\n${lines.join('')}`);
    const place = open({ use: 'file', path: 'h' });
    await place.publish(head(1_000), 's');
    await place.publish(head(1_001), 's');
    const kept = (await place.kept?.()) ?? [];
    expect(kept.at(-1)).toEqual(head(1_001));
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(1_000);
    expect(readHeadsSync(file).at(-1)).toEqual(head(1_001));
  });

  it('are kept in each of two files of the same name', async () => {
    const ledger = Object.assign(new MemoryLedger(() => AT), { auditHead: async () => head(1) });
    const own = { name: 'own', everyMs: 60_000, publish: async () => undefined };
    const places = ['a/heads.ndjson', 'b/heads.ndjson'].map((path) => open({ use: 'file', path }));
    await publishDue({ ledger, own, places, now: () => AT, log: pino({ level: 'silent' }) }, new Set());
    const kept = await Promise.all(places.map((place) => place.kept?.()));
    expect(kept.map((heads) => heads?.length)).toEqual([1, 1]);
  });

  it('are read past lines that are none; a place that cannot be written is waited for', async () => {
    writeFileSync(join(dir, 'h'), `nonsense\n${JSON.stringify(head(2))}\n{"seq":0}\n`);
    expect(await open({ use: 'file', path: 'h' }).kept?.()).toEqual([head(2)]);
    await expect(open({ use: 'file', path: '.' }).publish(head(1), 's')).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringContaining('EISDIR'),
    });
  });
});

describe('heads in a git repository', () => {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', join(dir, 'remote.git'), ...args], { encoding: 'utf8' }).trim();
  const settings = { use: 'git', url: 'remote.git' };
  beforeEach(() => {
    execFileSync('git', ['init', '--quiet', '--bare', join(dir, 'remote.git')]);
  });

  it('are commits, one behind the other, on a ref of their own', async () => {
    const place = open(settings);
    expect(await place.kept?.()).toEqual([]);
    for (const seq of [1, 2, 2, 5]) await place.publish(head(seq), 's');
    expect(await place.kept?.()).toEqual([head(1), head(2), head(5)]);
    expect(git('rev-list', '--count', 'refs/slipway/audit')).toBe('3');
    expect(git('log', '-1', '--format=%s', 'refs/slipway/audit')).toBe('Audit log of Slipway: entry 5');
    expect(git('for-each-ref', '--format=%(refname)')).toBe('refs/slipway/audit');
  });

  it('are published by several replicas, none over those of another, where nothing may be forced', async () => {
    git('config', 'receive.denyNonFastForwards', 'true');
    await open(settings).publish(head(1), 's');
    const other = open(settings, new WebClient(), join(dir, 'replica'));
    const first = open(settings);
    for (let seq = 2; seq < 6; seq += 2) {
      await Promise.all([first.publish(head(seq), 's'), other.publish(head(seq + 1), 's')]);
    }
    const kept = (await first.kept?.())?.map(({ seq }) => seq) ?? [];
    expect(kept).toEqual([...new Set(kept)].toSorted((a, b) => a - b));
    expect(kept).toEqual(expect.arrayContaining([1, 3, 5]));
    expect(Number(git('rev-list', '--count', 'refs/slipway/audit'))).toBe(kept.length);
  });

  it('say when the host does not want them, or is away', async () => {
    const hook = join(dir, 'remote.git', 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "no refs here"\nexit 1\n');
    chmodSync(hook, 0o755);
    await expect(open(settings).publish(head(1), 's')).rejects.toMatchObject({ code: 'audit-head-refused' });
    const gone = open({ ...settings, url: 'https://127.0.0.1:1/x.git' });
    await expect(gone.publish(head(1), 's')).rejects.toMatchObject({ name: 'Unavailable' });
  });
});

describe('heads at a webhook', () => {
  it('are for each receiver, also where only what may be a secret tells two apart', () => {
    const [one, other] = ['one', 'two'].map(
      (token) =>
        open({ use: 'webhook', url: `https://log.test/audit?t=${token}`, secret: { env: 'SECRET' } }).name,
    );
    expect(one).not.toBe(other);
    expect(one).not.toContain('one');
    const plain = open({ use: 'webhook', url: 'https://log.test/audit', secret: { env: 'SECRET' } });
    expect(plain.name).toBe('the webhook https://log.test/audit');
  });

  it('are posted signed, with the slot as the key that says whether it is the same again', async () => {
    let status = 204;
    const bodies: string[] = [];
    const server = await startHttpServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.writeHead(status).end();
    });
    const place = open({ use: 'webhook', url: `${server.url}/audit`, secret: { env: 'SECRET' } });
    await place.publish(head(7), 'slot-1');
    const headers = server.requests[0]?.headers ?? {};
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ kind: 'audit-head', slot: 'slot-1', ...head(7) });
    expect(headers['idempotency-key']).toBe('slot-1');
    const mac = createHmac('sha256', 'a-long-secret-of-it').update(
      `${headers['slipway-timestamp']}.${bodies[0]}`,
    );
    expect(headers['slipway-signature']).toBe(`v1=${mac.digest('hex')}`);
    const parts = ['v2', headers['slipway-timestamp'], 'POST', '/audit', bodies[0]].join('\n');
    const ofRequest = createHmac('sha256', 'a-long-secret-of-it').update(parts).digest('hex');
    expect(headers['slipway-request-signature']).toBe(`v2=${ofRequest}`);
    status = 503;
    await expect(place.publish(head(8), 'slot-2')).rejects.toMatchObject({ name: 'Unavailable' });
    status = 403;
    await expect(place.publish(head(8), 'slot-2')).rejects.toMatchObject({ code: 'audit-head-refused' });
    await server.close();
    await expect(place.publish(head(8), 'slot-2')).rejects.toMatchObject({ name: 'Unavailable' });
  });
});

describe('heads in a channel', () => {
  it('are said once after Slack has limited them, by whichever replica comes next', async () => {
    const workspace = await startWorkspace();
    const seal = sealOf(Buffer.alloc(32, 1), 'T0SLIPWAY');
    const log = pino({ level: 'silent' });
    const client = slackClient(workspace.botToken, { apiUrl: workspace.apiUrl, log, seal: async () => seal });
    let now = AT;
    const memory = new MemoryLedger(() => now);
    const ledger = {
      auditHead: async () => head(7),
      auditHash: async () => head(7).hash,
      tryOffer: (key: string, pauseMs: number) => memory.tryOffer(key, pauseMs),
      offerMade: (key: string) => memory.offerMade(key),
    };
    const said: string[] = [];
    const toLog = pino(
      {},
      { write: (line: string) => said.push((JSON.parse(line) as { reason: string }).reason) },
    );
    const replica = () => {
      const place = open({ use: 'slack', channel: '#ship' }, client);
      const own = open({ use: 'file', path: 'own' });
      const troubled = new Set<string>();
      return () => publishDue({ ledger, own, places: [place], now: () => now, log: toLog }, troubled);
    };
    try {
      workspace.control.rateLimit('chat.postMessage', 1, 1);
      const [first, second] = [replica(), replica()];
      await first();
      expect(said).toHaveLength(1);
      expect(said[0]).toContain('Slack takes no more for 1 s');
      for (const look of [second, first, second]) {
        now += 60_000;
        await look();
      }
      const { messages = [] } = await client.conversations.history({ channel: 'C0SHIP' });
      expect(messages.filter(({ text = '' }) => text.includes('audit log'))).toHaveLength(1);
    } finally {
      await workspace.close();
    }
  });

  it('are said once for a slot, also by a bot that died before it knew', async () => {
    const workspace = await startWorkspace();
    const seal = sealOf(Buffer.alloc(32, 1), 'T0SLIPWAY');
    const log = pino({ level: 'silent' });
    const client = slackClient(workspace.botToken, { apiUrl: workspace.apiUrl, log, seal: async () => seal });
    const settings = { use: 'slack', channel: '#ship' };
    try {
      await open(settings, client).publish(head(7), 'slot-1');
      await open(settings, client).publish(head(8), 'slot-1');
      // Slack gave the channel another id.
      const old = { use: 'slack', channel: 'C0OLD' };
      await open(old, client, dir, { C0OLD: 'C0SHIP' }).publish(head(9), 'slot-2');
      const { messages = [] } = await client.conversations.history({ channel: 'C0SHIP' });
      const texts = messages.map(({ text = '' }) => text).filter((text) => text.includes('audit log'));
      expect(texts.map((text) => /entry (\d+)/.exec(text)?.[1]).toSorted()).toEqual(['7', '9']);
      expect(texts.join()).toContain(`slipway audit verify --head 7:${'a'.repeat(64)} --key K`);
      expect(workspace.control.violations()).toEqual([]);
      await expect(
        open({ use: 'slack', channel: '#nowhere' }, client).publish(head(1), 's'),
      ).rejects.toMatchObject({ name: 'Unavailable' });
    } finally {
      await workspace.close();
    }
  });
});
