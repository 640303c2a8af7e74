import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { canonicalJson } from '../../domain/text/json.ts';

/** sha256 hex over the hash before and the canonical JSON of the entry with its number and time. */
export function hashOf(before: string, entry: AuditEntry & { seq: number; at: number }): string {
  return createHash('sha256').update(before).update(canonicalJson(entry)).digest('hex');
}

/** What is signed of an entry: its place and its hash, and with it all entries before. */
export function signedText(seq: number, hash: string): string {
  return `slipway audit entry\n${seq}\n${hash}`;
}

/** What a new key signs when it is introduced, so that nobody else can introduce it, or on another chain. */
export function introductionText(seq: number, before: string): string {
  return `slipway audit key\n${seq}\n${before}`;
}

/** What the entry says that introduces a key. */
export interface KeyIntroduction {
  /** The public key that signs from the next entry on. */
  readonly key: string;
  /** Signature of that key over `introductionText`. */
  readonly proof: string;
  /** The key until now, which has signed this entry. Absent at the beginning, and when it was lost. */
  readonly before?: string;
  /** A person had the log go on without the key or the entries that were. */
  readonly lost?: true;
}

/** Null when the entry is about something else, or is not whole. */
export function introductionIn(entry: AuditEntry): KeyIntroduction | null {
  const { key, proof, before, lost } = entry.action === 'audit.key' ? (entry.detail ?? {}) : {};
  if (typeof key !== 'string' || typeof proof !== 'string') return null;
  return {
    key,
    proof,
    ...(typeof before === 'string' ? { before } : {}),
    ...(lost === true ? { lost } : {}),
  };
}
