import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../src/domain/text/duration.ts';
import { environmentOf, stages } from './dockerfile.ts';

const path = new URL('../../deploy/docker/compose.yaml', import.meta.url);
const Texts = z.array(z.string());
const Service = z.looseObject({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: Texts,
  secrets: Texts,
});
const file = z
  .object({
    services: z.object({
      slipway: Service.extend({
        read_only: z.boolean(),
        cap_drop: Texts,
        security_opt: Texts,
        stop_grace_period: z.string(),
        tmpfs: Texts,
        ports: Texts,
        depends_on: z.object({ database: z.object({ condition: z.string() }) }),
      }),
      database: Service.extend({ healthcheck: z.object({ test: Texts }) }),
    }),
    volumes: z.record(z.string(), z.unknown()),
    secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  })
  .parse(parse(readFileSync(path, 'utf8')));
const { slipway, database } = file.services;
const image = environmentOf(stages.at(-1));

describe('the compose file', () => {
  test('declares each volume and each secret that is used, and uses what it declares', () => {
    const used = [slipway, database].flatMap(({ secrets }) => secrets);
    expect(new Set(used)).toEqual(new Set(Object.keys(file.secrets)));
    for (const [name, secret] of Object.entries(file.secrets)) expect(secret.file).toBe(`./secrets/${name}`);
    const named = [slipway, database].flatMap(({ volumes }) => volumes).filter((one) => !one.startsWith('.'));
    expect(named.map((one) => one.split(':')[0])).toEqual(Object.keys(file.volumes));
  });

  test('lets the bot write its volume and a temporary folder, and nothing else', () => {
    expect(slipway).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(slipway.volumes).toEqual([
      `./config:${dirname(image['SLIPWAY_CONFIG'] ?? '')}:ro`,
      `data:${image['SLIPWAY_DATA']}`,
    ]);
    expect(slipway.tmpfs.map((one) => one.split(':')[0])).toEqual(['/tmp']);
  });

  test('is explained with a folder of secrets that no other account can look into', () => {
    const text = readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8');
    const lines = text.slice(text.indexOf('## Docker Compose'), text.indexOf('## Helm'));
    const modes = [...lines.matchAll(/chmod (\d+) secrets(?=\s)/g)].map(([, mode]) => mode);
    expect(modes).toEqual(['0700', '0500']);
    // As a whole folder it has to be the bot's, which is another user.
    expect(lines).toMatch(/chown -R 10001 secrets[^\n]*\ndocker run/);
    for (const [, from = '', to] of lines.matchAll(/--volume "\$PWD\/(\S+?):(\S+?):ro"/g))
      expect([
        ['config', '/etc/slipway'],
        ['secrets', image['CREDENTIALS_DIRECTORY']],
      ]).toContainEqual([from, to]);
  });

  test('leaves a stop the time to wait for a deployment that would end with the container', () => {
    const [grace = 0, wait = 0] = [slipway.stop_grace_period, image['SLIPWAY_STOP_WAIT'] ?? ''].map((text) =>
      parseDuration(text),
    );
    expect(wait).toBeGreaterThan(0);
    expect((grace ?? 0) - (wait ?? 0)).toBe(60_000);
    const text = readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8');
    expect(text).toMatch(new RegExp(`docker run --detach [^\\n]*--stop-timeout ${(grace ?? 0) / 1_000} `));
  });

  test('has no secret in its environment', () => {
    for (const { environment } of [slipway, database])
      for (const [name, value] of Object.entries(environment))
        if (/TOKEN|PASSWORD|SECRET/.test(name)) expect(value).toMatch(/^\/run\/secrets\//);
    expect(database.environment['POSTGRES_PASSWORD_FILE']).toBe(
      `${image['CREDENTIALS_DIRECTORY']}/POSTGRES_PASSWORD`,
    );
  });

  test('starts the bot when the database answers, and asks it on this machine only', () => {
    expect(slipway.depends_on.database.condition).toBe('service_healthy');
    expect(database.healthcheck.test.join(' ')).toContain('pg_isready');
    expect(slipway.ports).toEqual([`127.0.0.1:${image['METRICS_PORT']}:${image['METRICS_PORT']}`]);
  });
});
