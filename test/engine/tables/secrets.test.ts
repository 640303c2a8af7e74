import { afterAll, beforeAll, expect, it } from 'vitest';
import { installationSecret } from '../../../src/engine/tables/secrets.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it('is made once, whoever asks first, and is another one for another name', async () => {
  const asked = await Promise.all(Array.from({ length: 8 }, () => installationSecret(database.pool, 'one')));
  expect(new Set(asked.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
  expect(asked[0]).toHaveLength(32);
  const other = await installationSecret(database.pool, 'two');
  expect(Buffer.from(other).equals(Buffer.from(asked[0] ?? []))).toBe(false);
});
