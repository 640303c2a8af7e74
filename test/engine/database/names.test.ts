import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { PROCESS_NAME, poolConfig } from '../../../src/engine/database/connection.ts';

/** By its name the connections of a process that is gone are ended, and no others. */

const nameWith = async (query: string) => {
  const url = new URL(inject('serverUrl'));
  const client = new pg.Client(poolConfig(`${url.href}${url.search === '' ? '?' : '&'}${query}`));
  await client.connect();
  try {
    const { rows } = await client.query<Record<'name' | 'timeout', string>>(
      `select application_name as name, current_setting('statement_timeout') as timeout
         from pg_stat_activity where pid = pg_backend_pid()`,
    );
    return rows[0];
  } finally {
    await client.end();
  }
};

test.each([
  'application_name=slipway&statement_timeout=7000',
  'statement_timeout=7000&application%5Fname=slipway',
  'statement_timeout=7000&fallback_application_name=slipway&application_name=',
  'statement_timeout=7000&options=-c%20application_name%3Dslipway',
])('a URL with ?%s names no process', async (query) => {
  expect(await nameWith(query)).toEqual({ name: PROCESS_NAME, timeout: '7s' });
});

test.each([
  'postgresql://u:p%3F@db/slipway',
  'postgresql://u@/slipway?host=/run/postgresql&port=5433',
  'postgresql://db/slipway?sslmode=verify-full&sslrootcert=/etc/ca.pem',
])('%s is used as it is', (url) => {
  expect(poolConfig(url).connectionString).toBe(url);
});
