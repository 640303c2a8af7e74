import { expect, test } from 'vitest';
import { connectionOf } from '../../src/app/environment.ts';

test('over HTTP it listens on this machine only, until HOST says otherwise', () => {
  const env = { SLACK_SIGNING_SECRET: 'a-signing-secret', PORT: '3000' };
  expect(connectionOf(env)).toMatchObject({ kind: 'http', host: '127.0.0.1' });
  expect(connectionOf({ ...env, HOST: '' })).toMatchObject({ host: '127.0.0.1' });
  expect(connectionOf({ ...env, HOST: '0.0.0.0' })).toMatchObject({ host: '0.0.0.0' });
});
