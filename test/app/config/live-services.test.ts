import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { changeBetween, inForce } from '../../../src/app/config/in-force.ts';
import { LiveServices } from '../../../src/app/config/live-services.ts';
import type { Opened } from '../../../src/app/services.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { parseConfig } from '../../support/all-adapters.ts';

/** A service as it was opened, with a source that knows whether it was closed. */
function opened(tag: string, closed: string[] = []): Opened {
  const metrics = { observe: () => {}, close: async () => void closed.push(tag) };
  return {
    settings: {},
    ports: { service: { name: 'shop', tag }, metrics, logs: [], repository: { close: async () => {} } },
  } as unknown as Opened;
}
const tagOf = (ports: unknown) => (ports as { service: { tag: string } } | undefined)?.service.tag;
const approved = (id: string) => ({ id, service: 'shop', state: 'releasing' }) as const;
const live = (one: Opened) => new LiveServices({} as never, new Map([['shop', one]]));

test('a run that is not approved yet gets what holds now, at each use', () => {
  const services = live(opened('old'));
  const ports = services.ofRun('p1', 'shop');
  services.replace(new Map([['shop', opened('new')]]), []);
  expect(tagOf(ports)).toBe('new');
});

test('one that is approved keeps what it was approved with, over any number of changes, and nobody else does', () => {
  const services = live(opened('old'));
  const [first, other] = ['p1', 'p2'].map((id) => services.ofRun(id, 'shop'));
  services.replace(new Map([['shop', opened('new')]]), [approved('p1')]);
  services.replace(new Map([['shop', opened('newer')]]), [approved('p1')]);
  expect([first, other, services.services.get('shop')].map(tagOf)).toEqual(['old', 'newer', 'newer']);
  services.forget('p1');
  expect(tagOf(services.ofRun('p1', 'shop'))).toBe('newer');
});

test('one of which people are asked anew goes by what holds now, from then on', async () => {
  const ledger = { change: async () => ({}) } as unknown as Ledger;
  const services = new LiveServices({ ledger } as never, new Map([['shop', opened('old')]]));
  const ports = services.ofRun('p1', 'shop');
  const other = services.ofRun('p2', 'shop');
  services.replace(new Map([['shop', opened('new')]]), [approved('p1'), approved('p2')]);
  await ports?.ledger.change('p1', { to: 'deploying' });
  expect([ports, other].map(tagOf)).toEqual(['old', 'old']);
  await ports?.ledger.change('p1', { to: 'blocked' });
  expect([ports, other].map(tagOf)).toEqual(['new', 'old']);
});

test('a run of a service that is taken out goes on with what it had', () => {
  const services = live(opened('old'));
  const ports = services.ofRun('p1', 'shop');
  services.replace(new Map(), []);
  expect([tagOf(ports), services.services.size]).toEqual(['old', 0]);
});

test('a run whose service is not there waits until the configuration has it; that is said once', async () => {
  const services = live(opened('old'));
  services.replace(new Map(), []);
  const told: string[] = [];
  const ports = services.onceKnown('p1', 'shop', async () => void told.push('told'));
  await pause(1_300);
  services.replace(new Map([['shop', opened('back')]]), []);
  expect(tagOf(await ports)).toBe('back');
  expect(told).toHaveLength(1);
  expect(tagOf(await services.onceKnown('p2', 'shop', async () => void told.push('told')))).toBe('back');
  expect(told).toHaveLength(1);
});

test('sources that nobody uses any more are closed, those of an approved promotion with the bot', async () => {
  const closed: string[] = [];
  const services = live(opened('old', closed));
  services.replace(new Map([['shop', opened('new', closed)]]), [approved('p1')]);
  expect(closed).toEqual([]);
  await services.close();
  expect(closed.sort()).toEqual(['new', 'old']);
  const others = live(opened('first', closed));
  others.replace(new Map([['shop', opened('second', closed)]]), []);
  expect(closed).toContain('first');
});

test('what changed is said by its path, with the hashes of the files; long values and headers are not', () => {
  const of = (more: string) => {
    const text = `slack: { channel: "#ship" }\nservices:\n  shop:\n    repository: { use: git, url: "https://git.example.com/a.git" }\n    target: { use: git-branch, branch: production }\n${more}`;
    const config = {
      ...parseConfig(text, 'slipway.yaml'),
      keepMs: 1,
      texts: [{ file: 'slipway.yaml', text }],
    };
    return inForce({ config: config as never, files: new Map() });
  };
  const before = of('    approvals: { required: 1 }\n');
  const after = of(
    '    approvals: { required: 2 }\n    checks: [{ use: http, url: "https://a.example", headers: { X-Team: shop } }, { use: http, url: "https://b.example/hooks/hush?key=hush" }]\n',
  );
  expect(changeBetween(before, before)).toBeNull();
  const change = changeBetween(before, after);
  expect(change?.settings).toEqual([
    'services.shop.approvals.required: 1 → 2',
    'services.shop.checks.0.headers.X-Team: nothing → another value',
    'services.shop.checks.0.url: nothing → "https://a.example"',
    'services.shop.checks.0.use: nothing → "http"',
    'services.shop.checks.1.url: nothing → "https://b.example/…"',
    'services.shop.checks.1.use: nothing → "http"',
  ]);
  expect(change?.files['slipway.yaml']).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
    expect.stringMatching(/^[0-9a-f]{64}$/),
  ]);
});
