import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SharedInstances } from '../../../src/adapters/shared/shared-instances.ts';
import { LiveServices } from '../../../src/app/config/live-services.ts';
import { mustStart } from '../../../src/app/config/must-start.ts';
import { ConfigReloader } from '../../../src/app/config/reload.ts';
import { loadForBot } from '../../../src/app/config/repository-files.ts';
import { closeServices, openServices } from '../../../src/app/services.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { GitRemote } from '../../fakes/git-remote.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  API_TOKEN: 'a'.repeat(40),
  HOOK_SECRET: SECRET,
  BAD_SECRET: 'short',
  BAD_ADDRESS: 'nowhere',
};
const log = pino({ level: 'silent' });
let dir: string;
const file = () => join(dir, 'slipway.yaml');
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-reload-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const service = (name: string) =>
  `  ${name}: { repository: { use: git, url: "https://git.example.com/${name}.git" }, target: { use: git-branch, branch: production } }\n`;
const BOTH = `services:\n${service('shop')}${service('mail')}`;
const MAIL = `services:\n${service('mail')}`;
const TOP = 'slack: { channel: "#ship" }\ndata: data\n';
const HOOK = 'name: events, url: "https://events.example.com"';
const TOKEN = '{ name: ci, token: { env: API_TOKEN }, scopes: [status] }';

interface Refused {
  readonly code: string;
  readonly problem: string;
}

interface LeftBehind {
  readonly locks?: readonly { service: string; reason: string }[];
  readonly waited?: readonly string[];
  readonly debts?: readonly { service: string }[];
}

/** A bot that runs with what stands in the file now, and what a look at another one comes to. */
async function running(
  open: readonly Pick<Promotion, 'id' | 'service' | 'state'>[] = [],
  { locks = [], waited = [], debts = [] }: LeftBehind = {},
  broken = { open: false, ledger: false },
) {
  const env = {
    ...ENV,
    get SLACK_BOT_TOKEN() {
      if (broken.open) throw new Error('too many open files');
      return 'xoxb-1';
    },
  };
  const around = { env, log, shared: new SharedInstances() };
  const whole = await loadForBot(file(), around);
  const refused: Refused[] = [];
  const changes: unknown[] = [];
  const ledger = {
    audit: async ({ result, detail }: { result: string; detail: Refused }) => {
      if (result === 'refused') refused.push(detail);
      else changes.push(detail);
    },
    recent: async () => {
      if (broken.ledger) throw new Error('the database is away');
      return open;
    },
    locks: async () => locks,
    waitedFor: async () => waited,
    openDebts: async () => debts,
  };
  const live = new LiveServices({} as never, openServices(whole.config, ENV, log, around));
  const said: string[] = [];
  const client = { chat: { postMessage: async ({ text }: { text: string }) => said.push(text) } };
  const bot = { requests: { ledger }, client, channelId: async () => 'C0ADMINS' } as never;
  const reloader = new ConfigReloader({ ...around, live, bot }, whole);
  return { reloader, live, refused, changes, said };
}

/** What a start with the file of now refuses; null: nothing. */
async function refusedAtStart(): Promise<string | null> {
  const around = { env: ENV, log, shared: new SharedInstances() };
  try {
    const { config } = await loadForBot(file(), around);
    await mustStart(config, { env: ENV, log, slack: {} as never });
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

test.each([
  [
    'a service goes that a webhook names',
    `webhooks: [{ ${HOOK}, secret: { env: HOOK_SECRET }, services: [shop] }]\n`,
    MAIL,
    '',
    'service-unknown',
  ],
  [
    'a service goes that a token names',
    `operations: { port: 9464, api: { tokens: [{ name: ci, token: { env: API_TOKEN }, scopes: [status], services: [shop] }] } }\n`,
    MAIL,
    '',
    'service-unknown',
  ],
  [
    'a service goes that a badge names',
    `operations: { port: 9464, api: { tokens: [${TOKEN}], badges: [shop] } }\n`,
    MAIL,
    '',
    'service-unknown',
  ],
  [
    'a webhook comes whose variable is not set',
    '',
    BOTH,
    `webhooks: [{ ${HOOK}, secret: { env: NOT_SET } }]\n`,
    'variables-missing',
  ],
  [
    'a webhook comes whose secret is none',
    '',
    BOTH,
    `webhooks: [{ ${HOOK}, secret: { env: BAD_SECRET } }]\n`,
    'environment-invalid',
  ],
  [
    'a webhook comes whose address is none',
    '',
    BOTH,
    'webhooks: [{ name: events, url: { env: BAD_ADDRESS }, secret: { env: HOOK_SECRET } }]\n',
    'environment-invalid',
  ],
  [
    'a token comes whose variable is not set',
    '',
    BOTH,
    'operations: { port: 9464, api: { tokens: [{ name: ci, token: { env: NOT_SET }, scopes: [status] }] } }\n',
    'variables-missing',
  ],
  [
    'a token comes that is too short',
    '',
    BOTH,
    'operations: { port: 9464, api: { tokens: [{ name: ci, token: { env: BAD_SECRET }, scopes: [status] }] } }\n',
    'environment-invalid',
  ],
  [
    'the audit gets a key that is not there',
    '',
    BOTH,
    'audit: { key: { file: nowhere.pem } }\n',
    'audit-key-missing',
  ],
  [
    'the audit gets a key that is none',
    '',
    BOTH,
    'audit: { key: { env: BAD_SECRET } }\n',
    'audit-key-invalid',
  ],
])('a reload takes nothing that a start would refuse: %s', async (_what, always, services, added, code) => {
  writeFileSync(file(), `${TOP}${always}${BOTH}`);
  const { reloader, live, refused } = await running();
  writeFileSync(file(), `${TOP}${always}${added}${services}`);
  await reloader.reload('all');
  expect([...live.services.keys()]).toEqual(['shop', 'mail']);
  expect(refused).toHaveLength(1);
  expect(refused[0]?.code).toBe(code);
  expect(await refusedAtStart()).toBe(code);
  // Once it is mended it is taken.
  writeFileSync(file(), `${TOP}${MAIL}`);
  await reloader.reload('all');
  expect([...live.services.keys()]).toEqual(['mail']);
  expect(await refusedAtStart()).toBeNull();
});

test('a service that moves to a repository without a file is left out, and said to be', async () => {
  const [old, next] = [new GitRemote(), new GitRemote()];
  try {
    old.push('main', 'feat: begin', { 'slipway.yaml': 'version: { changelog: OLD.md }\n' });
    next.push('main', 'feat: begin', { 'README.md': '# Shop\n' });
    const at = ({ path }: GitRemote) =>
      `${TOP}services:\n  shop: { from: repository, repository: { use: git, url: "${path}" }, target: { use: git-branch, branch: production } }\n${service('mail')}`;
    writeFileSync(file(), at(old));
    const { reloader, live, refused } = await running();
    expect(live.services.get('shop')?.service.changelog).toBe('OLD.md');
    writeFileSync(file(), at(next));
    await reloader.reload('new');
    expect([...live.services.keys()]).toEqual(['mail']);
    expect(refused.map(({ code }) => code)).toEqual(['repository-config-missing']);
    await closeServices([...live.services.values()]);
  } finally {
    for (const { folder } of [old, next]) rmSync(folder, { recursive: true, force: true });
  }
});

describe('a service that gets another name', () => {
  const ADMINS = 'slack: { channel: "#ship", admins: "#slipway" }\ndata: data\n';
  const named = (name: string) =>
    `${ADMINS}services:\n${service('shop').replace('  shop:', `  ${name}:`)}${service('mail')}`;
  const promotion = { id: 'shop-1', service: 'shop', state: 'monitoring' } as const;

  test('is opened under that name when its promotion is over, and what stays behind is said once', async () => {
    const open: Pick<Promotion, 'id' | 'service' | 'state'>[] = [promotion];
    writeFileSync(file(), named('shop'));
    const left = { locks: [{ service: 'shop', reason: 'incident 7' }], waited: ['shop'] };
    const { reloader, live, said } = await running(open, left);
    writeFileSync(file(), named('shop-api'));
    await reloader.reload('all');
    await reloader.reload('all');
    expect([...live.services.keys()].sort()).toEqual(['mail', 'shop']);
    expect([...live.leaving]).toEqual(['shop']);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('shop stays until what is under way is over');
    expect(said[0]).toContain(
      'would cut the same tags (v1.2.3) in one repository. shop-api is not opened until',
    );
    expect(said[0]).toContain('The lock of shop (incident 7) holds for that name only');
    expect(said[0]).toContain('People wait for shop');
    open.pop();
    await reloader.reload('all');
    expect([...live.services.keys()]).toEqual(['shop-api', 'mail']);
    expect(live.leaving.size).toBe(0);
  });

  test('is not opened after restarts either, as long as the promotion of the old name is open', async () => {
    const open: Pick<Promotion, 'id' | 'service' | 'state'>[] = [promotion];
    writeFileSync(file(), named('shop'));
    await (await running(open)).reloader.begin();
    writeFileSync(file(), named('shop-api'));
    const left = { locks: [{ service: 'shop', reason: 'incident 7' }] };
    for (const lock of [1, 0]) {
      const { reloader, live, said } = await running(open, left);
      await reloader.begin();
      expect([...live.services.keys()]).toEqual(['mail']);
      await vi.waitFor(() => expect(said).toHaveLength(1));
      expect(said[0]).toContain('shop-api waits until that promotion is over');
      expect(said[0]?.split('The lock of shop')).toHaveLength(1 + lock);
      await reloader.reload('all');
      expect([...live.services.keys()]).toEqual(['mail']);
    }
    const { reloader, live } = await running(open);
    await reloader.begin();
    open.pop();
    await reloader.reload('all');
    expect([...live.services.keys()]).toEqual(['shop-api', 'mail']);
    expect((await running(open)).live.services.has('shop-api')).toBe(true);
  });

  test('waits after a restart where the reload of before had let the old one stay', async () => {
    writeFileSync(file(), named('shop'));
    const first = await running([promotion]);
    await first.reloader.begin();
    writeFileSync(file(), named('shop-api'));
    await first.reloader.reload('all');
    const { reloader, live } = await running([promotion]);
    await reloader.begin();
    expect([...live.services.keys()]).toEqual(['mail']);
  });

  test('does not get the target of the other meanwhile, by whatever tags', async () => {
    writeFileSync(file(), named('shop'));
    const { reloader, live, said } = await running([promotion]);
    writeFileSync(
      file(),
      named('shop-api').replace('{ repository', '{ version: { tag-prefix: api- }, repository'),
    );
    await reloader.reload('all');
    expect([...live.services.keys()].sort()).toEqual(['mail', 'shop']);
    expect(said[0]).toContain('shop-api has its target');
  });

  test.each([
    ['a default that is written out', 'target: { use: git-branch, branch: production }'],
    ['another order', 'target: { branch: production, use: git-branch }'],
  ])('does not get it in other words either: %s', async (_what, target) => {
    const own = (name: string, more: string) =>
      named(name).replace(/^( {2}shop[\w-]*: \{.*)target: \{[^}]*\}/m, `$1${more}`);
    writeFileSync(file(), own('shop', 'target: { use: git-branch }'));
    const { reloader, live, said } = await running([promotion]);
    writeFileSync(
      file(),
      own('shop-api', target).replace('{ repository', '{ version: { tag-prefix: api- }, repository'),
    );
    await reloader.reload('all');
    expect([...live.services.keys()].sort()).toEqual(['mail', 'shop']);
    expect(said[0]).toContain('shop-api has its target');
  });

  test('stays as long as somebody has to acknowledge an override, which keeps no other one away', async () => {
    const debts = [{ service: 'shop' }];
    writeFileSync(file(), named('shop'));
    const { reloader, live } = await running([], { debts });
    writeFileSync(file(), named('shop-api'));
    await reloader.reload('all');
    expect([...live.services.keys()].sort()).toEqual(['mail', 'shop', 'shop-api']);
    debts.pop();
    await reloader.reload('all');
    expect([...live.services.keys()]).toEqual(['shop-api', 'mail']);
  });
});

test('the data folder stays the one of the start, and that a change waits is said before all settings', async () => {
  const many = Array.from({ length: 60 }, (_, nr) => service(`a${nr}`)).join('');
  const admins = 'slack: { channel: "#ship", admins: "#slipway" }\n';
  writeFileSync(file(), `${admins}data: data\n${BOTH}`);
  const { reloader, live, changes, said } = await running();
  await reloader.begin();
  writeFileSync(file(), `${admins}data: /nowhere/at/all\n${BOTH}${many}`);
  await reloader.reload('all');
  expect(live.services.size).toBe(62);
  expect(said[0]?.split('\n').slice(1, 3)).toEqual([
    'data, audit, operations, webhooks and keep hold from the next start on.',
    'data names another folder: move the present one there before the next start, while no bot runs.',
  ]);
  expect(readFileSync(join(dir, 'data', 'config.json'), 'utf8')).toContain('/nowhere/at/all');
  expect(changes).toHaveLength(1);
});

test('what a passing error keeps from being taken is taken at the next look, and audited once', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  writeFileSync(file(), TOP + BOTH);
  const broken = { open: false, ledger: true };
  const { reloader, live, refused, changes } = await running([], {}, broken);
  writeFileSync(file(), TOP + MAIL);
  broken.open = true;
  const looking = reloader.start();
  const look = () => vi.advanceTimersByTimeAsync(10_000);
  try {
    await look();
    await vi.waitFor(() => expect(refused.map(({ code }) => code)).toEqual(['config-unexpected']));
    broken.open = false;
    await look();
    await look();
    expect(changes).toEqual([]);
    broken.ledger = false;
    await vi.waitFor(async () => {
      await look();
      expect([...live.services.keys()]).toEqual(['mail']);
    });
    expect(refused).toHaveLength(1);
    expect(changes).toHaveLength(1);
  } finally {
    vi.useRealTimers();
    await looking.stop();
  }
});

test('while a service stays nothing is read again until what is under way is another', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const debts = [{ service: 'shop' }];
  const broken = { open: false, ledger: false };
  writeFileSync(file(), TOP + BOTH);
  const { reloader, live, refused } = await running([], { debts }, broken);
  writeFileSync(file(), TOP + MAIL);
  const looking = reloader.start();
  const look = () => vi.advanceTimersByTimeAsync(10_000);
  try {
    await look();
    await vi.waitFor(() => expect([...live.leaving]).toEqual(['shop']));
    broken.open = true;
    for (let nr = 0; nr < 3; nr += 1) await look();
    expect(refused).toEqual([]);
    debts.pop();
    broken.open = false;
    await vi.waitFor(async () => {
      await look();
      expect([...live.services.keys()]).toEqual(['mail']);
    });
  } finally {
    vi.useRealTimers();
    await looking.stop();
  }
});

test('what a promotion was approved with is kept until people are asked anew, whichever replica runs it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const branch = (name: string) => `${TOP}services:\n${service('shop').replace('production', name)}`;
  const open: Pick<Promotion, 'id' | 'service' | 'state'>[] = [
    { id: 'shop-1', service: 'shop', state: 'releasing' },
    { id: 'shop-2', service: 'shop', state: 'deploying' },
  ];
  writeFileSync(file(), branch('old'));
  const { reloader, live } = await running(open);
  const runs = ['shop-1', 'shop-2'].map((id) => live.ofRun(id, 'shop'));
  const targets = () => runs.map((ports) => ports?.target.name);
  writeFileSync(file(), branch('new'));
  await reloader.reload('all');
  const looking = reloader.start();
  try {
    await vi.advanceTimersByTimeAsync(10_000);
    expect(targets()).toEqual(['branch old', 'branch old']);
    open[0] = { id: 'shop-1', service: 'shop', state: 'blocked' };
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(targets()).toEqual(['branch new', 'branch old']));
  } finally {
    vi.useRealTimers();
    await looking.stop();
    await closeServices([...live.services.values()]);
  }
});

describe.skipIf(!existsSync('/dev/full'))('while the data folder is full', () => {
  const OTHER = `${TOP}services:\n${service('shop')}${service('web')}`;
  const data = (name: string) => join(dir, 'data', name);
  /** What is written whole is written beside its place first. */
  const fill = () => symlinkSync('/dev/full', data('config.json.new'));
  const empty = () => rmSync(data('config.json.new'));
  beforeEach(async () => {
    writeFileSync(file(), TOP + BOTH);
    await (await running()).reloader.begin();
    fill();
  });

  test('a start with another configuration goes on, and writes to the audit once there is room', async () => {
    writeFileSync(file(), OTHER);
    const before = readFileSync(data('config.json'), 'utf8');
    for (let start = 0; start < 3; start += 1) {
      const { reloader, changes } = await running();
      await reloader.begin();
      expect(changes).toEqual([]);
    }
    expect(readFileSync(data('config.json'), 'utf8')).toBe(before);
    const { reloader, changes } = await running();
    await reloader.begin();
    const looks = reloader.start();
    empty();
    await vi.waitFor(() => expect(changes).toHaveLength(1), { timeout: 13_000, interval: 100 });
    await looks.stop();
    expect(readFileSync(data('config.json'), 'utf8')).toContain('web');
    const next = await running();
    await next.reloader.begin();
    expect(next.changes).toEqual([]);
  }, 20_000);

  test('a start with a large configuration goes on without the notes that make the next one quick', async () => {
    symlinkSync('/dev/full', data('config-values.json.new'));
    writeFileSync(file(), `# ${'x'.repeat(100_000)}\n${TOP}${BOTH}`);
    expect([...(await running()).live.services.keys()]).toEqual(['shop', 'mail']);
  });

  test('a change is in force, is in the audit once, and is written down once there is room', async () => {
    const { reloader, live, changes } = await running();
    writeFileSync(file(), OTHER);
    await reloader.reload('all');
    expect([...live.services.keys()]).toEqual(['shop', 'web']);
    expect(changes).toHaveLength(1);
    const looks = reloader.start();
    empty();
    await vi.waitFor(() => expect(readFileSync(data('config.json'), 'utf8')).toContain('web'), {
      timeout: 13_000,
      interval: 100,
    });
    await looks.stop();
    expect(changes).toHaveLength(1);
  }, 20_000);
});
