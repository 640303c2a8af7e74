import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const text = readFileSync(new URL('../../deploy/systemd/slipway.service', import.meta.url), 'utf8');

/** Keys of a unit with all their values, in order. */
function unitOf(unit: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of unit.split('\n').filter((one) => one !== '' && !/^[#[]/.test(one))) {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === '') throw new Error(`not understood: ${line}`);
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

const unit = unitOf(text);

describe('the unit for systemd', () => {
  test('runs as an account of its own, which its sysusers file makes', () => {
    const users = readFileSync(
      new URL('../../deploy/systemd/slipway.sysusers.conf', import.meta.url),
      'utf8',
    );
    expect(users).toMatch(new RegExp(`^u ${unit.get('User')?.[0]} `, 'm'));
    expect(unit.get('User')).not.toEqual(['root']);
  });

  test('writes in its own folder only, and keeps its data there', () => {
    const [state] = unit.get('StateDirectory')?.[0]?.split(' ') ?? [];
    expect(unit.get('ProtectSystem')).toEqual(['strict']);
    expect(unit.get('Environment')).toContain(`SLIPWAY_DATA=/var/lib/${state}`);
    expect(unit.has('ReadWritePaths')).toBe(false);
  });

  test('lets what deploys outlive the bot, and the bot find it again', () => {
    expect(unit.get('KillMode')).toEqual(['process']);
    for (const key of ['RemoveIPC', 'PrivateUsers', 'DynamicUser']) expect(unit.has(key), key).toBe(false);
  });

  test('leaves them their temporary folder, which systemd would delete with PrivateTmp when the bot stops', () => {
    expect(unit.has('PrivateTmp')).toBe(false);
    // Under the folder of the state: systemd makes it for the account, and keeps it.
    expect(unit.get('StateDirectory')?.[0]?.split(' ')).toContain('slipway/tmp');
    const kept = '/var/lib/slipway/tmp';
    expect(unit.get('BindPaths')).toEqual([`${kept}:/tmp ${kept}:/var/tmp`]);
  });

  test('has no secret in it', () => {
    expect(unit.get('LoadCredential')).toEqual(['slipway:/etc/slipway/credentials']);
    for (const one of unit.get('Environment') ?? []) expect(one).not.toMatch(/TOKEN|SECRET|PASSWORD/);
  });

  test('allows Node to compile while it runs', () => {
    expect(unit.has('MemoryDenyWriteExecute')).toBe(false);
  });
});
