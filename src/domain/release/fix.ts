import type { Sha } from './release.ts';

/** The commit that mends what is wrong, as a person named it: by a branch, or by its id. */
export interface Fix {
  readonly commit: Sha;
  /** Raw outside text. */
  readonly name: string;
}

/** `abc1234 (fix/till)`; raw text. */
export function fixInWords({ commit, name }: Fix): string {
  const short = commit.slice(0, 7);
  return commit.startsWith(name) ? short : `${short} (${name})`;
}
