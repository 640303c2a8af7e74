import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { HeadPlace } from '../adapters/heads/port.ts';
import { lastSignedHere, openHeads } from '../app/audit.ts';
import type { Config } from '../config/load.ts';
import type { AuditHead } from '../domain/audit/head.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { signedText } from '../engine/audit/chain.ts';
import { isSignedBy } from '../engine/audit/signer.ts';
import type { AuditTrust, ChainCheck } from '../flows/run/ledger.ts';
import type { OpenedAudit } from './audit-log.ts';
import type { CheckedHead } from './audit-words.ts';
import { type Invocation, quietLog } from './invocation.ts';

/** So many heads of a place are looked at, the newest ones: each proves all entries before it. */
const MOST = 50;

type Kept = { readonly place: string; readonly head: AuditHead };

/** The heads that are kept outside of the database, where this machine can read them; the rest is told to `say`. */
async function keptHeads(
  { config }: OpenedAudit,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<readonly Kept[]> {
  if (config === null) return [];
  const log = quietLog(env);
  const kept: Kept[] = [];
  for (const place of placesOf(config, env, log, say)) {
    if (place.kept === undefined) {
      say(`What is kept in ${place.name} cannot be read from here: compare it by hand (--head SEQ:HASH).`);
      continue;
    }
    try {
      kept.push(...(await place.kept()).slice(-MOST).map((head) => ({ place: place.name, head })));
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unavailable)) throw error;
      say(
        `${place.name} could not be read: ${error instanceof Refusal ? explain(error).text : error.message}`,
      );
    }
  }
  return kept;
}

/** The places of the config; without those where this machine lacks a secret. */
function placesOf(
  config: Config,
  env: NodeJS.ProcessEnv,
  log: Logger,
  say: (text: string) => void,
): readonly HeadPlace[] {
  const slack = new WebClient();
  try {
    const { own, places } = openHeads(config, env, { slack, log });
    return [own, ...places];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`The places under audit.publish cannot be read from here: ${explain(error).text}`);
    const { own } = openHeads({ ...config, audit: { ...config.audit, publish: [] } }, env, { slack, log });
    return [own];
  }
}

/** Holds the log against every head that is kept elsewhere, and against those that were noted by hand. */
export async function checkHeads(
  audit: OpenedAudit,
  check: ChainCheck,
  trust: AuditTrust,
  { env, output }: Pick<Invocation, 'env' | 'output'>,
): Promise<readonly CheckedHead[]> {
  const noted = [...(trust.heads ?? [])].map(([seq, hash]) => ({ place: 'your notes', head: { seq, hash } }));
  const kept = await keptHeads(audit, env, output.message);
  const checked: CheckedHead[] = [];
  for (const { place, head } of [...noted, ...kept]) {
    const is = 'signature' in head && isForged(head, check, trust) ? 'forged' : await heldIs(audit, head);
    checked.push({ place, head, is });
  }
  // What was signed here last says nothing that the heads do not, unless it is gone.
  const last = audit.config && lastSignedHere(audit.config).read();
  const is = last ? await heldIs(audit, last) : 'held';
  if (last && is !== 'held') checked.push({ place: 'the file last.json', head: last, is });
  return checked;
}

function isForged(head: AuditHead, { keys = [] }: ChainCheck, trust: AuditTrust): boolean {
  if (!isSignedBy(head.key, signedText(head.seq, head.hash), head.signature)) return true;
  // Without a key to trust nobody can say which of the two is forged, the log or the head.
  return trust.key !== undefined && head.key !== trust.key && !keys.some(({ key }) => key === head.key);
}

async function heldIs(
  { ledger }: OpenedAudit,
  { seq, hash }: Pick<AuditHead, 'seq' | 'hash'>,
): Promise<CheckedHead['is']> {
  const present = await ledger.auditHash(seq);
  if (present === null) return 'cut-off';
  return present === hash ? 'held' : 'differs';
}
