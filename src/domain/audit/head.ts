/** The end of the audit in one moment: what it is proved by later. */
export interface AuditHead {
  /** Number of its last entry. */
  readonly seq: number;
  /** sha256 hex of that entry and, with it, of all before. */
  readonly hash: string;
  /** The public key that signed it, base64url. */
  readonly key: string;
  /** base64url */
  readonly signature: string;
  /** When that entry was written, ms since the epoch. */
  readonly at: number;
}
