import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Store } from './store.ts';

/** 32 random bytes of this installation, made when they are first asked for; the same in every process. */
export async function installationSecret(pool: pg.Pool, name: string): Promise<Uint8Array> {
  const store = new Store(pool);
  return store.write(async (tx) => {
    await tx
      .insertInto('secrets')
      .values({ name, value: randomBytes(32) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { value } = await tx
      .selectFrom('secrets')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return value;
  });
}
