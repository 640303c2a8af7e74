import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { layerWith, placeIn } from '../../src/config/layers.ts';
import { isSame, loadConfig, readSources } from '../../src/config/load.ts';
import { parseConfig } from '../support/all-adapters.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-teams-'));
  dirs.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return join(dir, 'slipway.yaml');
}

const service = (name: string, more = '') => `  ${name}:
    repository: { use: git, url: "https://git.example.com/${name}.git" }
    target: { use: git-branch, branch: production }
${more}`;
const problems = async (file: string): Promise<string> => {
  const { facts } = await loadConfig(file).then(
    () => ({ facts: { problems: [] } }),
    (error: { facts: { problems: string[] } }) => error,
  );
  return facts.problems.join('\n').replaceAll(/\S*slipway-teams-\w+\//g, '');
};

describe('a look at the files', () => {
  it('parses again only those that changed, and sees one that came or went', async () => {
    const file = folder({
      'slipway.yaml': 'include: [teams/*.yaml]',
      'teams/pay.yaml': `services:\n${service('till')}`,
      'teams/web.yaml': `services:\n${service('shop')}`,
    });
    const first = await readSources(file);
    const again = await readSources(file, first);
    expect(again.main).toBe(first.main);
    expect(isSame(first, again)).toBe(true);
    const web = join(dirname(file), 'teams/web.yaml');
    writeFileSync(web, `services:\n${service('mail')}`);
    const changed = await readSources(file, first);
    expect(isSame(first, changed)).toBe(false);
    expect(changed.included.map((source, index) => source === first.included[index])).toEqual([true, false]);
    rmSync(web);
    expect(isSame(changed, await readSources(file, changed))).toBe(false);
  });
});

test.each([['""'], ['1'], ['~']])(
  'an entry of include that is %s is a mistake with its place',
  async (entry) => {
    const file = folder({
      'slipway.yaml': `include: [${entry}]\nslack: { channel: "#ship" }\nservices:\n${service('till')}`,
    });
    expect(await problems(file)).toContain('slipway.yaml:1:11 include.0: ');
  },
);

test('a file without a service yet is looked at like the others', async () => {
  const file = folder({
    'slipway.yaml': `include: [team.yaml]\nslack: { channel: "#ship" }\nservices:\n${service('till')}`,
    'team.yaml': 'defaults: { monitor: { window: soon }, chanel: "#pay" }\nslak: {}',
  });
  const said = await problems(file);
  expect(said).toContain('team.yaml:1:32 defaults.monitor.window: ');
  expect(said).toContain('team.yaml:1:40 defaults.chanel: unknown key');
  expect(said).toContain('expected: one of defaults, services');
});

test('what a service may add to the defaults is not missing in a file without a service', async () => {
  const half = 'defaults: { on-call: { use: pagerduty, token: { env: PD } } }\n';
  const whole = service(
    'till',
    '    on-call: { use: pagerduty, token: { env: PD }, schedules: [PI7DH85] }\n',
  );
  const file = folder({
    'slipway.yaml': `include: [team.yaml, later.yaml]\nslack: { channel: "#ship" }\n${half}`,
    'team.yaml': `services:\n${whole}`,
    'later.yaml': half,
  });
  expect([...(await loadConfig(file)).services.keys()]).toEqual(['till']);
});

describe('a file per team', () => {
  it('is included by globs, with defaults for its own services over those of all', async () => {
    const file = folder({
      'slipway.yaml': `include: [teams/*.yaml, other.yaml]
slack: { channel: "#ship" }
defaults:
  monitor: { window: 15m, tick: 20s }
services:
${service('docs')}`,
      'teams/pay.yaml': `defaults:\n  channel: "#pay"\n  monitor: { window: 30m }\nservices:\n${service('till')}`,
      'teams/web.yaml': `services:\n${service('shop', '    monitor: { window: 10m }\n')}`,
      'other.yaml': `services:\n${service('mail')}`,
    });
    const { services, layers } = await loadConfig(file);
    expect([...services.keys()]).toEqual(['docs', 'till', 'shop', 'mail']);
    const seen = [...services.values()].map(({ service: { name, channel, monitoring } }) => [
      name,
      channel,
      monitoring.windowMs / 60_000,
      monitoring.tickMs / 1_000,
    ]);
    expect(seen).toEqual([
      ['docs', '#ship', 15, 20],
      ['till', '#pay', 30, 20],
      ['shop', '#ship', 10, 20],
      ['mail', '#ship', 15, 20],
    ]);
    const origin = (name: string, path: string) => {
      const all = layers.get(name);
      const layer = all && layerWith(all, path.split('.'));
      return layer ? `${placeIn(layer).file.split('/').slice(-2).join('/')}:${placeIn(layer).line}` : null;
    };
    expect(origin('till', 'channel')).toBe('teams/pay.yaml:2');
    expect(origin('till', 'monitor.tick')).toMatch(/slipway\.yaml:4$/);
    expect(origin('shop', 'monitor.window')).toBe('teams/web.yaml:5');
    expect(origin('shop', 'monitor.settle')).toBeNull();
  });

  it('says what is wrong with file and line, all at once', async () => {
    const file = folder({
      'slipway.yaml': `include: [teams/*.yaml, nowhere/*.yaml]\nslack: { channel: "#ship" }\nservices:\n${service('shop')}`,
      'teams/a.yaml': `services:\n${service('till', '    monitor: { windw: 30m }\n')}`,
      'teams/b.yaml': `slack: { channel: "#b" }\nservices:\n${service('shop')}${service('Bad')}`,
    });
    const said = await problems(file);
    expect(said).toContain('slipway.yaml:1:25 include.1: there is no such file');
    expect(said).toContain('teams/a.yaml:5:16 services.till.monitor.windw: unknown key "windw"');
    expect(said).toContain('teams/b.yaml:1:1 slack: unknown key "slack"');
    expect(said).toMatch(/teams\/b\.yaml:3:3 services\.shop: shop stands in slipway\.yaml too/);
    expect(said).toContain('teams/b.yaml:6:3 services.Bad');
  });

  it('is in the folder of slipway.yaml or below it, and one elsewhere is refused with that reason', async () => {
    const file = folder({
      'central/slipway.yaml': '',
      'elsewhere/pay.yaml': `services:\n${service('till')}`,
    }).replace(/slipway\.yaml$/, 'central/slipway.yaml');
    const away = join(dirname(file), '../elsewhere');
    for (const entry of [
      '../elsewhere/pay.yaml',
      '../elsewhere/*.yaml',
      `${away}/pay.yaml`,
      `${away}/*.yaml`,
      '..',
      'teams/../../elsewhere/pay.yaml',
    ]) {
      writeFileSync(
        file,
        `include: ["${entry}"]\nslack: { channel: "#ship" }\nservices:\n${service('shop')}`,
      );
      expect(await problems(file), entry).toMatch(
        /slipway\.yaml:1:11 include\.0: this leads out of the folder of this file/,
      );
    }
    // Links lead anywhere.
    symlinkSync(away, join(dirname(file), 'teams'));
    symlinkSync(join(away, 'pay.yaml'), join(dirname(file), 'pay.yaml'));
    for (const entry of ['teams/*.yaml', 'teams/pay.yaml', 'pay.yaml', './pay.yaml', 'teams/../pay.yaml']) {
      writeFileSync(
        file,
        `include: ["${entry}"]\nslack: { channel: "#ship" }\nservices:\n${service('shop')}`,
      );
      expect([...(await loadConfig(file)).services.keys()], entry).toEqual(['shop', 'till']);
    }
  });

  it('that is broken, or has a secret in it, is named', async () => {
    const file = folder({
      'slipway.yaml': `include: [a.yaml, b.yaml]\nslack: { channel: "#ship" }\nservices:\n${service('shop')}`,
      'a.yaml': 'services: [\n',
      'b.yaml': `services:\n${service('till', '    # ghp_0123456789abcdefghij\n')}`,
    });
    const said = await problems(file);
    expect(said).toMatch(/a\.yaml:2:1 not valid YAML/);
    expect(said).toMatch(/b\.yaml:5:7 this is a secret/);
    expect(said).not.toContain('ghp_');
  });

  it('cannot include more, and a file that is named twice is read once', async () => {
    const file = folder({
      'slipway.yaml': `include: ["*.yaml", a.yaml]\nslack: { channel: "#ship" }\nservices:\n${service('shop')}`,
      'a.yaml': `include: [b.yaml]\nservices:\n${service('till')}`,
    });
    expect(await problems(file)).toMatch(/^a\.yaml:1:1 include: unknown key "include"/);
  });
});

const CENTRAL = `slack: { channel: "#ship" }
freeze: [{ name: night, zone: Europe/Berlin, daily: { from: "22:00", to: "06:00" } }]
defaults:
  approvals: { required: 2, users: [U0GRACE, U0LINUS, U0ADA] }
  checks: [{ use: tcp, host: shop.example.com, port: 443 }]
services:
  shop:
    from: FROM
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
    version: { changelog: CHANGES.md }
`;
function withFile(text: string, from = 'repository') {
  const ofRepositories = new Map([['shop', { file: 'shop@1a2b3c4/slipway.yaml', text }]]);
  const parsed = parseConfig(CENTRAL.replace('FROM', from), 'slipway.yaml', ofRepositories);
  const refusal = parsed.refused.get('shop');
  return {
    shop: parsed.services.get('shop'),
    said: (refusal?.facts['problems'] as string[])?.join('\n') ?? '',
  };
}

const frozenBy = (shop: ReturnType<typeof withFile>['shop']) => [
  ...new Set(shop?.service.policy.freeze.map(({ name }) => name)),
];

describe('the file of a repository', () => {
  it('adds what it may, and what the central file says of the service wins', () => {
    const { shop, said } = withFile(
      `version: { changelog: NEWS.md, tag: "shop-{version}" }
approvals: { required: 3 }
freeze: [{ name: sale, zone: Europe/Berlin, dates: { from: 2026-11-27, to: 2026-11-30 } }]
checks: [{ use: http, url: "https://shop.example.com/health" }]
links: { production: "https://shop.example.com" }
`,
      '{ may: [checks] }',
    );
    expect(said).toBe('');
    expect(shop?.service).toMatchObject({
      changelog: 'CHANGES.md',
      tagPrefix: 'shop-',
      links: { production: 'https://shop.example.com' },
      policy: { approvals: 3 },
    });
    expect(frozenBy(shop)).toEqual(['night', 'sale']);
    expect(shop?.checks.map(({ use }) => use)).toEqual(['tcp', 'http']);
  });

  test.each([
    ['fewer approvals', 'approvals: { required: 1 }'],
    ['no freeze', 'freeze: []'],
    ['no checks', 'checks: []'],
  ])('never asks for less: %s', (_what, text) => {
    const { shop } = withFile(`${text}\n`, '{ may: [checks] }');
    expect(shop?.service.policy.approvals).toBe(2);
    expect(frozenBy(shop)).toEqual(['night']);
    expect(shop?.checks).toHaveLength(1);
  });

  it('that is not there leaves the service out, and no other one', () => {
    const text = `${CENTRAL.replace('FROM', 'repository')}${service('docs')}`;
    const { services, remote } = parseConfig(text, 'slipway.yaml');
    expect([...services.keys()]).toEqual(['docs']);
    expect([...remote.keys()]).toEqual(['shop']);
  });

  it('that says what cannot be meant is refused with its own line, also where the central file has the other half', () => {
    const { shop, said } = withFile('monitor: { tick: 2h }\n', '{ may: [monitor] }');
    expect(shop).toBeUndefined();
    expect(said).toMatch(/^shop@1a2b3c4\/slipway\.yaml:1:18 monitor\.tick: /);
  });

  it('that would cut the tags of another service is refused, not that one', () => {
    const both = `${CENTRAL.replace('FROM', 'repository')}  docs:
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
    version: { tag: "docs-{version}", changelog: DOCS.md }
`;
    const ofRepositories = new Map([
      ['shop', { file: 'shop@1/slipway.yaml', text: 'version: { tag: "docs-{version}" }' }],
    ]);
    const { services, refused } = parseConfig(both, 'slipway.yaml', ofRepositories);
    expect([...services.keys()]).toEqual(['docs']);
    expect(refused.get('shop')?.facts['problems']).toEqual([
      expect.stringContaining('would cut the same tags'),
    ]);
  });
});
