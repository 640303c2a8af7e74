import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Refusal } from '../../domain/refusals/refusal.ts';

/** The account that the database server runs as; null: the one that we run as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'slipway'];

/**
 * PostgreSQL refuses to run as root. As root: the `postgres` account if there is one, else a new system
 * account, else `nobody` (where accounts cannot be made, as in a read-only container).
 */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of CANDIDATES) {
    const known = lookUp(name);
    if (known) return known;
  }
  for (const [command, ...args] of [
    ['useradd', '--system', '--no-create-home', '--shell', '/usr/sbin/nologin', '--user-group', 'slipway'],
    ['adduser', '-S', '-D', '-H', '-s', '/sbin/nologin', 'slipway'],
  ] as const) {
    spawnSync(command, args, { stdio: 'ignore' });
    const made = lookUp('slipway');
    if (made) return made;
  }
  const nobody = lookUp('nobody');
  if (nobody) return nobody;
  throw new Refusal('embedded-database-root');
}

function lookUp(name: string): Account | null {
  const passwd = readFileSync('/etc/passwd', 'utf8');
  for (const line of passwd.split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/** Whether the account may pass through every folder above `path` (by owner, group or everyone's x bit). */
export function canReach(path: string, account: Account | null): boolean {
  if (!account) return true;
  for (let dir = dirname(resolve(path)); ; dir = dirname(dir)) {
    if (!mayEnter(dir, account)) return false;
    if (dir === dirname(dir)) return true;
  }
}

function mayEnter(dir: string, account: Account): boolean {
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (!stat) return true;
  if (stat.uid === account.uid) return (stat.mode & 0o100) !== 0;
  if (stat.gid === account.gid) return (stat.mode & 0o010) !== 0;
  return (stat.mode & 0o001) !== 0;
}
