import { resolve } from 'node:path';
import { auditKey, knownAuditKey, noteHead, putAsideHeads } from '../../app/audit.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { ownKeyFile, readKeyFile, replaceKeyFile, writeKeyFile } from '../../engine/audit/key-file.ts';
import { newKey } from '../../engine/audit/signer.ts';
import { forgetShownCards } from '../../engine/outbox/shown-cards.ts';
import { rotateKey } from '../../engine/tables/audit-key.ts';
import type { AuditTrust } from '../../flows/run/ledger.ts';
import { FORMATS, type Format } from '../audit-format.ts';
import { checkHeads } from '../audit-heads.ts';
import { exportRows, notedHead, type OpenedAudit, sinceMs, withAudit } from '../audit-log.ts';
import { chainInWords, headsInWords } from '../audit-words.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** `audit verify`, `audit export`, `audit key` and `audit rotate`. */
export async function audit(invocation: Invocation): Promise<number | null> {
  const { words, options } = invocation;
  const [what, ...rest] = words;
  const format = FORMATS.find((known) => known === (options.format ?? 'ndjson'));
  if (what === 'rotate' && rest.length <= 1) return rotate(invocation, rest[0]);
  if (rest.length === 0 && format !== undefined) {
    if (what === 'verify') return verify(invocation);
    if (what === 'export') return exportAll(invocation, format);
    if (what === 'key') return printKey(invocation);
  }
  return null;
}

async function exportAll(invocation: Invocation, format: Format): Promise<number> {
  const { options, output } = invocation;
  const { service, since } = options;
  const from = since === undefined ? undefined : sinceMs(since, Date.now());
  const filter = given({ service, sinceMs: from });
  await withAudit(invocation, ({ ledger }) => exportRows(ledger.auditRows(filter), format, output));
  return EXIT.done;
}

async function verify(invocation: Invocation): Promise<number> {
  const { options, output, env } = invocation;
  const noted = options.head ?? options.end;
  const by = noted === undefined ? null : notedHead(noted);
  return withAudit(invocation, async (audit) => {
    const key = options.key ?? knownKey(audit, env);
    const trust: AuditTrust = { key, ...(by ? { heads: new Map([[by.seq, by.hash]]) } : {}) };
    const check = await audit.ledger.verifyAudit(trust);
    const heads = await checkHeads(audit, check, trust, invocation);
    const holds = heads.every(({ is }) => is === 'held');
    if (options.json) {
      const end = noted === undefined ? {} : { holdsEnd: heads[0]?.is === 'held' };
      await output.result(`${JSON.stringify({ ...check, ...end, heads })}\n`);
    } else {
      await output.result(chainInWords(check));
      await output.result(headsInWords(heads, check.rows));
    }
    return check.brokenAt === null && holds ? EXIT.done : EXIT.refused;
  });
}

/** The public key of this installation where this machine has the key. */
function knownKey({ config }: OpenedAudit, env: NodeJS.ProcessEnv): string | undefined {
  try {
    return (config && knownAuditKey(config, env))?.publicKey;
  } catch (error) {
    // Whoever only checks the log may be somebody without the key.
    if (error instanceof Refusal && error.code === 'secret-missing') return undefined;
    throw error;
  }
}

/** Prints the public key, for people who keep it elsewhere. */
async function printKey(invocation: Invocation): Promise<number> {
  const { env, output } = invocation;
  return withAudit(invocation, async (audit) => {
    const key = knownKey(audit, env) ?? (await audit.ledger.auditHead())?.key;
    if (key === undefined) {
      output.message('Nothing is signed yet: the bot begins to at its first start.');
      return EXIT.refused;
    }
    await output.result(`${key}\n`);
    return EXIT.done;
  });
}

/** Replaces the key: from the next entry on another one signs. */
async function rotate(invocation: Invocation, file: string | undefined): Promise<number> {
  const { env, options, output } = invocation;
  return withAudit(invocation, async ({ config, pool, ledger }) => {
    if (config === null) throw new Refusal('config-missing', { file: 'slipway.yaml' });
    const now = Date.now;
    if (options.lost) {
      const signer = auditKey(config, env);
      await putAsideHeads(ledger, config);
      await rotateKey({ pool, now, signer: null, next: signer });
      await noteHead(pool, config, now);
      await forgetShownCards(pool, new Date(now()));
      await output.result(
        `The audit log goes on with the key ${signer.publicKey}. What stands before is proved by published heads only. The bot shows its cards anew.\n`,
      );
      return EXIT.done;
    }
    const own = ownKeyFile(config.dataDir);
    const isOwn = config.audit.key === undefined;
    if (!isOwn && file === undefined) throw new Refusal('audit-key-configured', {});
    const path = file === undefined ? `${own}.next` : resolve(file);
    if (file === undefined) writeKeyFile(path, newKey());
    const next = readKeyFile(path);
    await rotateKey({ pool, now, signer: auditKey(config, env), next });
    if (isOwn) replaceKeyFile(own, path);
    await noteHead(pool, config, now);
    await output.result(
      `From the next entry on the audit log is signed with ${next.publicKey}. ${isOwn ? 'Start the bot again.' : 'Put the new key where audit.key points, on every replica, and start the bot again.'}\n`,
    );
    return EXIT.done;
  });
}
