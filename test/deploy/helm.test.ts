import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { parseConfig } from '../support/all-adapters.ts';
import { CHART, notes, problemWith, type Resource, render, renderByHelm, resourcesIn } from './helm/chart.ts';
import { LEAST, WHOLE } from './helm/values.ts';

const one = (resources: readonly Resource[], kind: string, name = 'bot-slipway') => {
  const found = resources.filter((resource) => resource.kind === kind && resource.metadata.name === name);
  expect(found, `${kind} ${name}`).toHaveLength(1);
  // biome-ignore lint/suspicious/noExplicitAny: what Kubernetes reads is any JSON
  return found[0] as any;
};
const podOf = (resources: readonly Resource[]) => one(resources, 'StatefulSet').spec.template.spec;

describe('the Helm chart', () => {
  test('has the version of the program', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(parse(readFileSync(`${CHART}Chart.yaml`, 'utf8'))).toMatchObject({ version, appVersion: version });
  });

  test('writes a workload with its config, its Service and its account, and no more than is asked for', () => {
    const kinds = (resources: readonly Resource[]) => resources.map(({ kind }) => kind).sort();
    expect(kinds(render(LEAST))).toEqual(['ConfigMap', 'Service', 'ServiceAccount', 'StatefulSet']);
    expect(kinds(render(WHOLE))).toEqual([
      'ConfigMap',
      ...['Role', 'Role', 'RoleBinding', 'RoleBinding'],
      ...['Service', 'Service', 'ServiceAccount', 'StatefulSet'],
    ]);
  });

  test('hands over a slipway.yaml that Slipway understands', () => {
    const text = one(render(LEAST), 'ConfigMap').data['slipway.yaml'];
    expect([...parseConfig(text, 'slipway.yaml').services.keys()]).toEqual(['shop']);
    expect(parse(text)).toEqual(LEAST.config);
  });

  test('lays the files that it includes beside it', async () => {
    const { data } = one(render(WHOLE), 'ConfigMap');
    const dir = mkdtempSync(join(tmpdir(), 'slipway-chart-'));
    for (const [name, text] of Object.entries(data)) writeFileSync(join(dir, name), text as string);
    const { services } = await loadConfig(join(dir, 'slipway.yaml'));
    rmSync(dir, { recursive: true });
    expect([...services.keys()]).toEqual(['shop', 'till']);
  });

  test('runs a pod that the restricted standard of Kubernetes admits', () => {
    for (const values of [LEAST, WHOLE]) {
      const pod = podOf(render(values));
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.containers).toHaveLength(1);
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(key);
      for (const volume of pod.volumes) expect(volume).not.toHaveProperty('hostPath');
    }
  });

  test('has user and group of its own, or leaves both to OpenShift', () => {
    const [usual, left] = [LEAST, { ...LEAST, openshift: true }].map(
      (values) => podOf(render(values)).securityContext,
    );
    const { runAsUser, runAsGroup, fsGroup, ...rest } = usual;
    expect({ runAsUser, runAsGroup, fsGroup }).toEqual({
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
    });
    expect(rest).toMatchObject({ runAsNonRoot: true });
    expect(left).toEqual(rest);
  });

  test('mounts what it declares, at the places that the image reads and writes', () => {
    const resources = render(LEAST);
    const { volumes, containers } = podOf(resources);
    const claims = one(resources, 'StatefulSet').spec.volumeClaimTemplates;
    const declared = [...volumes, ...claims.map(({ metadata }: Resource) => metadata)].map(
      ({ name }) => name,
    );
    const mounts: { name: string; mountPath: string }[] = containers[0].volumeMounts;
    expect(mounts.map(({ name }) => name).sort()).toEqual(declared.sort());
    const image = readFileSync(new URL('../../deploy/docker/Dockerfile', import.meta.url), 'utf8');
    const at = Object.fromEntries(mounts.map(({ name, mountPath }) => [name, mountPath]));
    expect(image).toContain(`SLIPWAY_CONFIG=${at['config']}/slipway.yaml`);
    expect(image).toContain(`SLIPWAY_DATA=${at['data']}`);
    expect(at['tmp']).toBe('/tmp');
    const env: { name: string; value: string }[] = containers[0].env;
    expect(env).toContainEqual({ name: 'CREDENTIALS_DIRECTORY', value: at['secrets'] });
  });

  test('asks for life where the process answers, and for readiness where it can work', () => {
    const { livenessProbe, readinessProbe, ports } = podOf(render(LEAST)).containers[0];
    expect(livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(ports).toEqual([{ name: 'metrics', containerPort: 9464 }]);
  });

  test('waits for a deployment that would end with its pod, and is killed a minute later', () => {
    for (const [values, seconds] of [
      [LEAST, 540],
      [WHOLE, 1200],
    ] as const) {
      const { containers, terminationGracePeriodSeconds } = podOf(render(values));
      expect(containers[0].env).toContainEqual({ name: 'SLIPWAY_STOP_WAIT', value: `${seconds}s` });
      expect(terminationGracePeriodSeconds).toBe(seconds + 60);
    }
  });

  test('says how to look at a bot that does not start, for which exec cannot work', () => {
    const said = notes(LEAST);
    expect(said).not.toContain(' exec ');
    expect(said).toContain('logs bot-slipway-0');
    expect(said).toContain('.containers[0].args = ["doctor"]');
    // What the pod lacks is what the StatefulSet makes beside its template.
    const claims = one(render(LEAST), 'StatefulSet').spec.volumeClaimTemplates;
    expect(claims.map(({ metadata }: Resource) => metadata.name)).toEqual(['data']);
    expect(said).toContain('.volumes += [{name: "data", emptyDir: {}}]');
  });

  test('hands over numbers as they stand, large ones too', () => {
    const env = { DELAY: 1_000_000, BYTES: 123_456_789, SHARE: 0.25, ON: true, TEXT: '1e+06' };
    const given = podOf(render({ ...LEAST, env })).containers[0].env;
    for (const [name, value] of Object.entries(env))
      expect(given).toContainEqual({ name, value: `${value}` });
  });

  test('tells several replicas that each needs the same database', () => {
    const names = (replicas: number) =>
      podOf(render({ ...LEAST, replicas })).containers[0].env.map(({ name }: { name: string }) => name);
    expect(names(2)).toContain('SLIPWAY_REPLICAS');
    expect(names(1)).not.toContain('SLIPWAY_REPLICAS');
    expect(names(0)).not.toContain('SLIPWAY_REPLICAS');
  });

  test('answers Slack also while it is not ready, so that people read why', () => {
    expect(one(render(WHOLE), 'Service', 'bot-slipway-http').spec.publishNotReadyAddresses).toBe(true);
  });

  test('selects its own pods', () => {
    for (const values of [LEAST, WHOLE]) {
      const { spec } = one(render(values), 'StatefulSet');
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      expect(one(render(values), 'Service').spec.selector).toEqual(spec.selector.matchLabels);
      expect(spec.serviceName).toBe('bot-slipway');
    }
  });

  test('leaves the pods alone when the config changes: a bot takes it as it runs, from a folder that is brought up to date', () => {
    const statefulSet = (values: object) => one(render({ ...LEAST, ...values }), 'StatefulSet');
    const changed = { config: { ...LEAST.config, keep: '7d' }, files: { 'team.yaml': { services: {} } } };
    expect(statefulSet(changed)).toEqual(statefulSet({}));
    // A single file of a ConfigMap would stay as it was.
    const [container] = podOf(render(LEAST)).containers;
    expect(container.volumeMounts.find(({ name }: { name: string }) => name === 'config')).not.toHaveProperty(
      'subPath',
    );
  });

  test('takes an image by its digest before its tag', () => {
    const image = (more: object) =>
      podOf(render({ ...LEAST, image: { ...LEAST.image, ...more } })).containers[0].image;
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(image({})).toMatch(/^registry\.example\.com\/slipway:\d+\.\d+\.\d+$/);
    expect(image({ tag: 'next' })).toBe('registry.example.com/slipway:next');
    expect(image({ tag: 'next', digest })).toBe(`registry.example.com/slipway@${digest}`);
  });

  test('may set images only in the namespaces that are named, and has a token only then', () => {
    expect(podOf(render(LEAST)).automountServiceAccountToken).toBe(false);
    const resources = render(WHOLE);
    expect(podOf(resources).automountServiceAccountToken).toBe(true);
    const bindings = resources.filter(({ kind }) => kind === 'RoleBinding');
    expect(bindings.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'site']);
    for (const { subjects } of bindings)
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'bot-slipway', namespace: 'ops' }]);
  });

  test('may change Rollouts where that is asked for', () => {
    const rules = (more: object) =>
      JSON.stringify(
        render({ ...LEAST, targets: { namespaces: ['shop'], ...more } })
          .filter(({ kind }) => kind === 'Role')
          .map(({ rules }) => rules),
      );
    expect(rules({})).not.toContain('argoproj.io');
    expect(rules({ rollouts: true })).toContain('argoproj.io');
    const guide = readFileSync(new URL('../../docs/targets.md', import.meta.url), 'utf8');
    const roles = [...guide.matchAll(/^```yaml\n(apiVersion: [\s\S]*?)^```/gm)].flatMap(([, text = '']) =>
      resourcesIn(text),
    );
    const asked = roles.filter(({ kind }) => kind === 'Role').flatMap((role) => role['rules']);
    expect(asked.length).toBeGreaterThan(5);
    const [given] = JSON.parse(rules({ rollouts: true })) as unknown[][];
    expect(given).toEqual(expect.arrayContaining(asked));
    expect(given).toHaveLength(asked.length);
  });

  test('has a token for what asks the cluster otherwise, when that is said', () => {
    const resources = render({ ...LEAST, serviceAccount: { token: true } });
    expect(podOf(resources).automountServiceAccountToken).toBe(true);
    expect(resources.filter(({ kind }) => kind === 'Role')).toEqual([]);
  });

  test.each([
    ['no image', { ...LEAST, image: {} }],
    ['no service', { ...LEAST, config: {} }],
    ['no secret', { ...LEAST, secrets: { existing: '' } }],
    ['a value that does not exist', { ...LEAST, replica: 2 }],
    ['a second slipway.yaml', { ...LEAST, files: { 'slipway.yaml': {} } }],
    ['a file in a folder', { ...LEAST, files: { 'teams/a.yaml': {} } }],
    ['a digest that is none', { ...LEAST, image: { ...LEAST.image, digest: 'sha256:1' } }],
  ])('refuses %s', (_what, values) => {
    expect(problemWith(values)).toEqual(expect.any(String));
  });

  test.each([
    ['least', LEAST],
    ['whole', WHOLE],
    ['without a user', { ...LEAST, openshift: true }],
  ])('is written by Helm as here, where Helm is installed: %s', (_name, values) => {
    const byName = (all: readonly Resource[]) =>
      all.map((resource) => stringify(resource, { sortMapEntries: true })).sort();
    const ours = render(values);
    expect(byName(renderByHelm(values) ?? ours)).toEqual(byName(ours));
  });
});
