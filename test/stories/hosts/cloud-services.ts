import { FakeCloudRun } from '../../fakes/platforms/cloud-run.ts';
import { AWS_KEY, type FakeEcs } from '../../fakes/platforms/ecs.ts';

/** A Cloud Run service that serves v1.2.0, and the target that deploys to it. */
export async function cloudRunService() {
  const image = 'europe-west1-docker.pkg.dev/acme/shop/shop';
  const fake = await new FakeCloudRun().start();
  fake.uri = fake.console = fake.url;
  await fake.deployByHand(`${image}:v1.2.0`);
  const key = {
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 'secret-of-google',
    refresh_token: 'refresh-of-google',
    token_uri: `${fake.url}/token`,
  };
  return {
    image,
    fake,
    target: {
      use: 'cloud-run',
      key: { env: 'GOOGLE_KEY' },
      project: 'acme-prod',
      region: 'europe-west1',
      service: 'shop',
      image: `${image}:{tag}`,
      api: fake.url,
      logging: fake.url,
    },
    env: { GOOGLE_KEY: JSON.stringify(key) },
  };
}

/** A service of Amazon ECS that runs v1.2.0, and the target that deploys to it; `more`: further settings of that. */
export async function ecsService<Fake extends FakeEcs>(
  fake: Fake,
  more: (url: string) => object = () => ({}),
) {
  const image = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop';
  await fake.start();
  await fake.deployByHand(`${image}:v1.2.0`);
  return {
    image,
    fake,
    target: {
      use: 'aws-ecs',
      region: 'eu-central-1',
      endpoint: fake.url,
      'logs-endpoint': fake.url,
      'access-key': { env: 'AWS_ID' },
      'secret-key': { env: 'AWS_SECRET' },
      cluster: 'main',
      service: 'shop',
      containers: ['web'],
      image: `${image}:{tag}`,
      ...more(fake.url),
    },
    env: { AWS_ID: AWS_KEY.accessKeyId, AWS_SECRET: AWS_KEY.secretAccessKey },
  };
}

/** Settings of a target that gives shares of the requests by the weights of that rule. */
export function canaryBy(rule: string): (url: string) => object {
  return (endpoint) => ({ canary: { service: 'shop-canary', rule, endpoint } });
}
