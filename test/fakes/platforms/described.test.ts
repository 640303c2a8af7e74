import { expect, test } from 'vitest';
import type { FakePlatform } from '../../../demo/platform/fake-platform.ts';
import { FakeArgo } from './argo.ts';
import { FakeArgoRollouts } from './argo-rollouts.ts';
import { FakeCloudRun } from './cloud-run.ts';
import { FakeCodeDeploy } from './code-deploy.ts';
import { Published, WHOLE_SECONDS } from './described.ts';
import { FakeEcsCanary } from './ecs-canary.ts';
import { FakeFlux } from './flux.ts';
import { DescribedGitlab } from './gitlab.ts';
import { FakeKubernetes } from './kubernetes.ts';

const DOUBLES: readonly FakePlatform[] = [
  new FakeKubernetes(),
  new FakeArgoRollouts(),
  new FakeArgo(() => ''),
  new FakeFlux(() => ''),
  new FakeCloudRun(),
  new FakeCodeDeploy(),
  new FakeEcsCanary(),
  new DescribedGitlab({ path: '', git: () => '', tip: () => null, count: () => 0, hook: () => {} }),
];

test.each(DOUBLES.map((double) => [double.constructor.name, double] as const))(
  'each route of %s is described by the platform, or documented elsewhere',
  (_name, double) => {
    const missing = double.routes.filter(({ method, path }) => !double.described?.has(method, path));
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  },
);

const kubernetes = new Published('kubernetes', { formats: { 'date-time': WHOLE_SECONDS } });
const SHOP = '/apis/apps/v1/namespaces/shop/deployments/shop';
const ROLLOUT = '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/shop';
const ask = (path: string, more: { query?: Record<string, string>; body?: unknown; type?: string } = {}) => {
  const { query = {}, body, type } = more;
  const method = body === undefined ? 'GET' : 'PATCH';
  return kubernetes.problemOf({ method, path, query, body, contentType: type }, path);
};
const answer = (path: string, status: number, body: unknown) =>
  kubernetes.problemOfAnswer({ method: 'GET', path }, path, { status, body });

test('a request is held against what is described', () => {
  const merge = 'application/strategic-merge-patch+json';
  const spec = (container: unknown) => ({ spec: { template: { spec: { containers: [container] } } } });
  expect(ask(SHOP)).toBeNull();
  expect(ask(`${SHOP}/rollback`)).toContain('is not described');
  expect(ask(SHOP, { query: { labels: 'a' } })).toBe('unknown query parameters: labels');
  expect(ask('/api/v1/namespaces/shop/pods', { query: { limit: 'many' } })).toContain('limit');
  expect(ask(SHOP, { body: spec({ name: 'web', image: 'a' }), type: merge })).toBeNull();
  expect(ask(SHOP, { body: spec({ image: 'a' }), type: merge })).toContain("required property 'name'");
  expect(ask(SHOP, { body: spec({ name: 'web', tag: 'a' }), type: merge })).toContain('tag');
  expect(ask(SHOP, { body: spec({ name: 'web', image: 7 }), type: merge })).toContain('string');
  expect(ask(SHOP, { body: {}, type: 'application/json' })).toContain('application/json is not described');
  expect(ask(ROLLOUT, { body: {}, type: merge })).toContain('is not described');
});

test('a JSON patch changes only what the object has', () => {
  const change = (path: string, value: unknown) =>
    ask(ROLLOUT, { body: [{ op: 'add', path, value }], type: 'application/json-patch+json' });
  expect(change('/spec/template/spec/containers/0/image', 'a')).toBeNull();
  expect(change('/metadata/annotations/a~1b', 'c')).toBeNull();
  expect(change('/spec/template/spec/containers/web/image', 'a')).toContain('not described');
  expect(change('/spec/template/spec/containers/0/tag', 'a')).toContain('not described');
  expect(change('/spec/paused', 'yes')).toContain('no boolean');
});

test('an answer has what is required, and makes nothing up', () => {
  const rollout = (status: object) => ({ metadata: {}, spec: {}, status });
  expect(answer(ROLLOUT, 200, rollout({ observedGeneration: '1' }))).toBeNull();
  expect(answer(ROLLOUT, 200, rollout({ observedGeneration: 1 }))).toContain('string');
  expect(answer(ROLLOUT, 200, rollout({ generation: '1' }))).toContain('additional');
  expect(answer(ROLLOUT, 200, { metadata: {} })).toContain("required property 'spec'");
  const pause = (startTime: string) => rollout({ pauseConditions: [{ reason: 'a', startTime }] });
  expect(answer(ROLLOUT, 200, pause('2030-01-01T00:00:00Z'))).toBeNull();
  expect(answer(ROLLOUT, 200, pause('2030-01-01T00:00:00.000Z'))).toContain('date-time');
  expect(answer(ROLLOUT, 404, { kind: 'Status', code: 404 })).toBeNull();
  expect(answer(ROLLOUT, 404, { error: 'no' })).toContain('additional');
  expect(answer(ROLLOUT, 202, rollout({}))).toContain('202 is not described');
});
