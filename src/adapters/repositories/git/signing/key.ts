/** A key that is ready to sign and to verify. */
export interface SigningKey {
  /** The key as people know it: `SSH key SHA256:…`. */
  readonly name: string;
  /** The armored signature of a git object. */
  sign(payload: string): Promise<string>;
  /** What git needs to verify signatures of this key. */
  readonly config: readonly (readonly [string, string])[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The private key, and where it came from. */
export interface PrivateKey {
  readonly text: string;
  /** The name of the environment variable, or the file; for sentences. */
  readonly source: string;
}
