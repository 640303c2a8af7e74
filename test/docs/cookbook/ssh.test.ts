import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../support/all-adapters.ts';
import { blocksOf } from './blocks.ts';

const PAGE = readFileSync(new URL('../../../docs/cookbook/common.md', import.meta.url), 'utf8');
const [, section = ''] = PAGE.split('## A machine that is reached by ssh');
const blocks = blocksOf(section.split('\n## ')[0] ?? '');
const block = (name: string) => blocks.find((one) => one.name === name)?.text ?? '';
const FILE = '/etc/slipway/ssh/ssh_config';

test('both commands of the page name the file with key, known hosts and no questions', () => {
  const shop = parseConfig(block('slipway.yaml'), 'slipway.yaml').services.get('shop');
  if (shop?.target.use !== 'command' || shop.repository.use !== 'git')
    throw new Error('it is another recipe');
  const { deploy, live } = shop.target;
  for (const argv of [deploy, live ?? []]) expect(argv.slice(0, 3)).toEqual(['ssh', '-F', FILE]);
  const { 'ssh-key': key, 'known-hosts': hosts } = shop.repository;
  expect(block(FILE)).toContain(`IdentityFile ${key}\n`);
  expect(block(FILE)).toContain(`UserKnownHostsFile ${hosts}\n`);
});

test.skipIf(spawnSync('ssh', ['-V']).error !== undefined)('ssh understands the file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-ssh-'));
  writeFileSync(join(dir, 'ssh_config'), block(FILE));
  const { stdout } = spawnSync('ssh', ['-G', '-F', join(dir, 'ssh_config'), 'shop'], { encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  const said = stdout.split('\n');
  expect(said).toEqual(
    expect.arrayContaining([
      'hostname shop.example.com',
      'user deploy',
      'batchmode yes',
      'identitiesonly yes',
      'identityfile /etc/slipway/ssh/id_ed25519',
      'userknownhostsfile /etc/slipway/ssh/known_hosts',
    ]),
  );
});
