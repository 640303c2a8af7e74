import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeCloudRun } from '../../fakes/platforms/cloud-run.ts';
import { type Stage, setStage } from '../stage.ts';

const IMAGE = 'europe-west1-docker.pkg.dev/acme/shop/shop';

let fake: FakeCloudRun;
let stage: Stage;

beforeAll(async () => {
  fake = await new FakeCloudRun().start();
  fake.uri = fake.console = fake.url;
  await fake.deployByHand(`${IMAGE}:v1.2.0`);
  const key = {
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 'secret-of-google',
    refresh_token: 'refresh-of-google',
    token_uri: `${fake.url}/token`,
  };
  stage = await setStage({
    window: '3s',
    target: {
      use: 'cloud-run',
      key: { env: 'GOOGLE_KEY' },
      project: 'acme-prod',
      region: 'europe-west1',
      service: 'shop',
      image: `${IMAGE}:{tag}`,
      api: fake.url,
      logging: fake.url,
    },
    env: { GOOGLE_KEY: JSON.stringify(key) },
    overrides: { stages: ['5%', '100%'], monitor: { stage: '3s' } },
  });
  fake.onLive = async (image) => {
    const tag = image.slice(image.lastIndexOf(':') + 1);
    await stage.git('update-ref', 'refs/heads/production', `${tag}^{commit}`);
    await stage.shop.control.refresh();
  };
});
afterAll(async () => {
  await stage?.end();
  await fake?.close();
});

const shares = () => Object.values(fake.shares);

test('a release gets 5 % and all of the requests of Cloud Run, though the bot is killed; another goes back', async () => {
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Watching 5 % of the requests/, 60_000);
  expect(shares()).toEqual([5, 95]);
  await stage.press('linus', 'hold');
  await stage.cardShows(/100 % comes when someone releases the hold/);
  await stage.crash();
  await stage.press('linus', 'accept');
  await stage.cardShows(/Shipped/, 60_000);
  expect(shares()).toEqual([100]);
  expect(fake.acts).toEqual([`${IMAGE}:v1.3.0 5%`, `${IMAGE}:v1.3.0 100%`]);

  const commit = await stage.remote.commit({
    message: 'fix(cart): half a cent\n',
    files: { 'src/cent.js': 'export const cent = 0.5;\n' },
  });
  await stage.remote.setState({ stagingCommit: commit });
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Watching 5 % of the requests/, 60_000);
  await stage.press('linus', 'hold');
  await stage.cardShows(/100 % comes when someone releases the hold/);
  await stage.press('linus', 'rollback');
  await stage.cardShows(/Rolled back/, 60_000);
  expect(shares()).toEqual([100]);
  expect(fake.acts.slice(2)).toEqual([`${IMAGE}:v1.3.1 5%`, `${IMAGE}:v1.3.0 100%`]);
  expect(fake.violations).toEqual([]);
  await stage.expectNothingAmiss();
}, 240_000);
