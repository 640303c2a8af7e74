import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { parseConfig } from '../support/all-adapters.ts';

const IMAGE = 'ghcr.io/acme/shop:{tag}';
const TARGETS = {
  kubernetes: `{ use: kubernetes, namespace: shop, workloads: [{ name: shop, containers: [web] }], image: "${IMAGE}" }`,
  'argo-rollouts': `{ use: argo-rollouts, namespace: shop, rollout: shop, containers: [web], image: "${IMAGE}" }`,
  'aws-ecs': `{ use: aws-ecs, region: eu-central-1, cluster: prod, service: shop, containers: [web], image: "${IMAGE}" }`,
  'cloud-run': `{ use: cloud-run, project: acme-production, region: europe-west1, service: shop, image: "${IMAGE}" }`,
  gitops:
    '{ use: gitops, repository: { use: git, url: "https://git.example/deploy.git" }, file: kustomization.yaml, kustomize: ghcr.io/acme/shop, write: "{tag}" }',
} as const;
const WAVES = `{ use: waves, waves: [{ name: eu, target: ${TARGETS['cloud-run']} }, { name: us, target: { use: command, deploy: [./deploy.sh] } }] }`;

function problems(target: string, tag: string): string {
  const text = `slack: { channel: "#ship" }
services:
  api:
    repository: { use: git, url: "https://git.example/shop.git" }
    version: { tag: "${tag}" }
    target: ${target}
`;
  try {
    parseConfig(text, 'slipway.yaml');
  } catch (error) {
    if (error instanceof Refusal) return (error.facts['problems'] as string[]).join('\n');
    throw error;
  }
  return '';
}

describe.each([...Object.entries(TARGETS), ['waves', WAVES]])('the image of %s', (_kind, target) => {
  test('is refused where the tags of the service make one that no registry has', () => {
    const said = problems(target, '{service}/v{version}');
    expect(said).toContain('api/v1.2.3');
    expect(said).toContain('{version}');
  });

  test.each(['v{version}', '{service}-v{version}'])('is taken with tags like %s', (tag) => {
    expect(problems(target, tag)).toBe('');
  });

  test('is taken when it has only the version', () => {
    expect(problems(target.replaceAll('{tag}', '{version}'), '{service}/v{version}')).toBe('');
  });
});

const GITOPS = (place: string) =>
  `{ use: gitops, repository: { use: git, url: "https://git.example/deploy.git" }, file: values.yaml, ${place} }`;

test.each(['value: image.tag', 'value: images.0.newTag', 'value: imageTag', 'value: web.image'])(
  'a value that holds an image or its tag has no slash of a tag: %s',
  (place) => {
    const said = problems(GITOPS(place), '{service}/v{version}');
    expect(said).toContain('api/v1.2.3');
    expect(said).toContain('write: "{version}"');
    expect(problems(GITOPS(place), 'v{version}')).toBe('');
  },
);

test.each([
  'value: spec.source.targetRevision',
  'value: spec.ref.tag',
  'value: image.name',
  "pattern: 'tag: (.+)'",
  'value: web.image, write: "ghcr.io/acme/shop:{version}"',
])('any other value may have one: %s', (place) => {
  expect(problems(GITOPS(place), '{service}/v{version}')).toBe('');
});

test('where the tag is not to blame, it is said what an image looks like', () => {
  const said = problems(TARGETS.kubernetes.replace('acme/shop:{tag}', 'acme/Shop:{tag}'), 'v{version}');
  expect(said).toContain('ghcr.io/acme/Shop:v1.2.3');
  expect(said).toContain('ghcr.io/acme/shop:1.2.3');
  expect(said).not.toContain('{version}');
  const tagged = problems(GITOPS('value: image.tag, write: "-{version}"'), 'v{version}');
  expect(tagged).toContain('letters, digits');
});

test.each(['{service}@{version}', '{service}/{version}', 'v{version}+prod'])(
  'neither has a registry %s',
  (tag) => {
    expect(problems(TARGETS.kubernetes, tag)).toContain('no registry');
  },
);
