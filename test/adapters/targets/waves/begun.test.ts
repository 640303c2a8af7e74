import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BegunWaves } from '../../../../src/adapters/targets/waves/begun.ts';

test('the note of begun waves is replaced as a whole: the one before is never written over', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-begun-'));
  const begun = new BegunWaves({ dataDir, service: 'shop' });
  await begun.add('k', 'eu');
  const before = join(dataDir, 'before.json');
  linkSync(join(dataDir, 'waves', 'shop.json'), before);
  await begun.add('k', 'us');
  expect(JSON.parse(readFileSync(before, 'utf8'))).toEqual({ key: 'k', waves: ['eu'], handles: {} });
  expect(await begun.of('k')).toEqual(['eu', 'us']);
  expect(await begun.of('other')).toBeNull();
  rmSync(dataDir, { recursive: true });
});

test('notes of an older build have no handles', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-begun-'));
  const begun = new BegunWaves({ dataDir, service: 'shop' });
  await begun.add('k', 'eu');
  writeFileSync(join(dataDir, 'waves', 'shop.json'), JSON.stringify({ key: 'k', waves: ['eu'] }));
  expect(await begun.of('k')).toEqual(['eu']);
  expect(await begun.handleOf('k', 'eu')).toBeNull();
  const handle = { id: 'v2', startedAt: 1, state: { after: 3, url: null } };
  await begun.add('k', 'eu', handle);
  expect(await begun.handleOf('k', 'eu')).toEqual(handle);
  expect(await begun.handleOf('other', 'eu')).toBeNull();
  rmSync(dataDir, { recursive: true });
});
