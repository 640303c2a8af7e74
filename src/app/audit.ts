import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WebClient } from '@slack/web-api';
import type pg from 'pg';
import type { Logger } from 'pino';
import { fileOfHeads } from '../adapters/heads/file.ts';
import { heads } from '../adapters/heads/index.ts';
import { appendHead, readHeads, readHeadsSync } from '../adapters/heads/lines.ts';
import type { HeadContext, HeadPlace } from '../adapters/heads/port.ts';
import { SharedInstances } from '../adapters/shared/shared-instances.ts';
import type { Config } from '../config/load.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { signedText } from '../engine/audit/chain.ts';
import { keyIn, ownKey, ownKeyFile, readKeyFile } from '../engine/audit/key-file.ts';
import { type LastSigned, lastSignedIn } from '../engine/audit/last-signed.ts';
import { type AuditSigner, isSignedBy } from '../engine/audit/signer.ts';
import { beginSigning } from '../engine/tables/audit-key.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import { isAcceptedLoss } from '../engine/tables/proof/proven-entries.ts';
import { Store } from '../engine/tables/store.ts';
import type { Ledger } from '../flows/run/ledger.ts';
import { requiredSecret } from './environment.ts';
import { orNull } from './operations/kept.ts';

/** So long the places of heads are waited for at a start, all at once. */
const PATIENCE_MS = 10_000;

/** What of the config the audit needs. */
export type AuditConfig = Pick<Config, 'audit' | 'dir' | 'dataDir'>;

/** The heads that this machine has seen, kept outside of the database. */
export function headsFile({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'audit', 'heads.ndjson');
}

/**
 * The key that the config names, else that of the data folder, which is made when it is missing. Refusals
 * `secret-missing`, `audit-key-missing`, `audit-key-invalid`.
 */
export function auditKey(config: AuditConfig, env: NodeJS.ProcessEnv): AuditSigner {
  return knownAuditKey(config, env) ?? ownKey(config.dataDir);
}

/** The same, or null where the config names no key and none was made yet. */
export function knownAuditKey(
  { audit: { key }, dir, dataDir }: AuditConfig,
  env: NodeJS.ProcessEnv,
): AuditSigner | null {
  if (key === undefined) {
    const own = ownKeyFile(dataDir);
    return existsSync(own) ? readKeyFile(own) : null;
  }
  if ('file' in key) return readKeyFile(resolve(dir, key.file));
  return keyIn(requiredSecret(env, key.env, 'secret-missing'), key.env);
}

/** What this machine knows to have been signed last, beside the key that it makes for itself. */
export function lastSignedHere(config: Pick<Config, 'dataDir'>): LastSigned {
  return lastSignedIn(lastFile(config), () => readHeadsSync(headsFile(config)).at(-1));
}

function lastFile({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'audit', 'last.json');
}

/**
 * The signer of this process, once it is sure that it may sign. Refusals: also those of `beginSigning`, and `audit-cut-off`
 * when the log is shorter than what was signed here; what a person said on any machine to be lost is put aside.
 */
export async function startSigning(
  pool: pg.Pool,
  config: AuditConfig,
  env: NodeJS.ProcessEnv,
  now: () => number,
): Promise<AuditSigner> {
  const signer: AuditSigner = { ...auditKey(config, env), lastSigned: lastSignedHere(config) };
  const isFirst = lastSignedHere(config).read() === null;
  await beginSigning({ pool, now, signer, isFirst });
  const missing = await createLedger({ pool, now, signer }).missingEnd();
  const store = new Store(pool, { signer });
  if (missing !== null) {
    const known = signer.lastSigned?.read();
    const isAccepted = known && (await store.snapshot((session) => isAcceptedLoss(session, known)));
    if (!isAccepted) throw new Refusal('audit-cut-off', { ...missing });
    await putAsideHeads(createLedger({ pool, now }), config);
  }
  if (isFirst || missing !== null) await noteHead(pool, config, now);
  return signer;
}

/** Where heads are published, opened: the file of this machine, and the places of the config. */
export function openHeads(
  config: AuditConfig,
  env: NodeJS.ProcessEnv,
  { log, ...slack }: Pick<HeadContext, 'slack' | 'movedChannels' | 'log'>,
): { readonly own: HeadPlace; readonly places: readonly HeadPlace[] } {
  const context = {
    service: 'audit',
    dataDir: config.dataDir,
    configDir: config.dir,
    shared: new SharedInstances(),
    secret: (name: string) => requiredSecret(env, name, 'secret-missing'),
    log,
    now: Date.now,
    ...slack,
  };
  return {
    own: fileOfHeads(headsFile(config), 60_000),
    places: config.audit.publish.map((settings) => heads.open(settings, context)),
  };
}

/**
 * On a machine that has signed nothing yet: the newest head of its key that is kept in a place that can be read counts as
 * signed here, so that a log that does not hold it is found. A place that does not answer is passed over and said.
 */
export async function learnHeads(config: AuditConfig, env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const here = lastSignedHere(config);
  if (here.read() !== null) return;
  const { publicKey } = auditKey(config, env);
  const { places } = openHeads(config, env, { slack: new WebClient(), log });
  const read = places.map(async (place) => {
    if (place.kept === undefined) return [];
    let err: unknown = `no answer within ${PATIENCE_MS / 1_000} s`;
    const kept = place.kept().catch((error: unknown) => {
      err = error;
      return null;
    });
    const found = await orNull(kept, PATIENCE_MS);
    if (found === null)
      log.warn({ err, place: place.name }, 'The heads of the audit log that are kept there were not read.');
    return found ?? [];
  });
  for (const head of (await Promise.all(read)).flat()) {
    const { key, seq, hash, signature } = head;
    if (key === publicKey && isSignedBy(key, signedText(seq, hash), signature)) here.keep(head);
  }
}

/** What this machine knows and the log does not hold is put aside: it is of another log. */
export async function putAsideHeads(
  ledger: Pick<Ledger, 'auditHash'>,
  config: Pick<Config, 'dataDir'>,
): Promise<void> {
  const known = [lastSignedHere(config).read(), ...(await readHeads(headsFile(config))).slice(-1)];
  for (const last of known) {
    if (!last || (await ledger.auditHash(last.seq)) === last.hash) continue;
    for (const file of [headsFile(config), lastFile(config)]) {
      if (existsSync(file)) renameSync(file, `${file}.${Date.now()}`);
    }
    return;
  }
}

/** Notes the present end of the audit on this machine. */
export async function noteHead(
  pool: pg.Pool,
  config: Pick<Config, 'dataDir'>,
  now: () => number,
): Promise<void> {
  const head = await createLedger({ pool, now }).auditHead();
  if (head) await appendHead(headsFile(config), head);
}
