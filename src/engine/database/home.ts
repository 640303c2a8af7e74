import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Account } from './account.ts';
import { canReach } from './account.ts';

/**
 * The folder of the embedded server: `postgres` in the data folder, or, where the server's account cannot get
 * there (a data folder below /root), a folder named after the data folder in a place that it can reach.
 * The folder belongs to that account and nobody else may look in.
 */
export function serverHome(dataDir: string, account: Account | null, log: Logger): string {
  const inside = join(resolve(dataDir), 'postgres');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!account) return prepare(inside, null);
  letThrough(resolve(dataDir));
  const name = `slipway-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)}`;
  const places = [inside, join('/var/lib', name), join(tmpdir(), name)].filter((place) =>
    canReach(place, account),
  );
  const chosen = places.find((place) => existsSync(join(place, 'data', 'PG_VERSION'))) ?? firstUsable(places);
  if (chosen === undefined) throw new Refusal('embedded-database-place', { dataDir, account: account.name });
  if (chosen !== inside) {
    log.warn(
      { place: chosen, dataDir, account: account.name },
      'The account of the embedded database cannot reach the data folder, so the database lives elsewhere.',
    );
  }
  return prepare(chosen, account);
}

function firstUsable(places: readonly string[]): string | undefined {
  return places.find((place) => {
    try {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      return true;
    } catch {
      return false;
    }
  });
}

/** The data folder is ours: others may pass through, not look. */
function letThrough(dataDir: string): void {
  const stat = statSync(dataDir);
  if (stat.uid === 0 && (stat.mode & 0o001) === 0) chmodSync(dataDir, (stat.mode & 0o7777) | 0o011);
}

function prepare(home: string, account: Account | null): string {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const stat = lstatSync(home);
  const mine = process.getuid?.() ?? stat.uid;
  // In a shared folder such as /tmp somebody else could have put one there first.
  if (!stat.isDirectory() || (stat.uid !== mine && stat.uid !== account?.uid)) {
    throw new Refusal('embedded-database-foreign-folder', { folder: home });
  }
  if (account && stat.uid !== account.uid) chownSync(home, account.uid, account.gid);
  if ((stat.mode & 0o077) !== 0) chmodSync(home, 0o700);
  return home;
}
