import { z } from 'zod';
import { isAsWanted, type TextPattern } from '../../ref-pattern.ts';

export const Rule = z.object({
  type: z.string(),
  ruleset_id: z.number().optional(),
  parameters: z.record(z.string(), z.unknown()).nullable().optional(),
});
export type Rule = z.infer<typeof Rule>;

/** What is going to be pushed, as far as it is known before. */
export interface ComingPush {
  /** Message of the release commit, with what Slipway adds to it. */
  readonly message?: string | undefined;
  /** Address of author and committer; absent where GitHub fills them in. */
  readonly email?: string | undefined;
  /** Whether GitHub signs the commits that are made through its API with this login. */
  readonly signed: boolean;
}

const Pattern = z.object({ operator: z.string(), pattern: z.string(), negate: z.boolean().optional() });

/** Why no commit of ours is let in by a rule about commits, in words; null where it is, or nobody knows. */
export function refusesCommit(rule: Rule, { message, email, signed }: ComingPush): string | null {
  switch (rule.type) {
    case 'required_signatures':
      return signed
        ? null
        : 'its commits must be signed, and GitHub signs only those of a GitHub App without `committer`';
    case 'commit_message_pattern': {
      if (message === undefined) return null;
      // Whether GitHub takes the first line or all of it is not written anywhere: only what neither passes is refused.
      const lines = [message, message.split('\n', 1)[0] ?? ''];
      return refusesAll(rule, lines) ? `messages of commits ${inWords(rule)}` : null;
    }
    case 'commit_author_email_pattern':
    case 'committer_email_pattern': {
      const who = rule.type === 'committer_email_pattern' ? 'committers' : 'authors';
      return email !== undefined && refusesAll(rule, [email]) ? `addresses of ${who} ${inWords(rule)}` : null;
    }
    default:
      return null;
  }
}

/** Why a name is refused by a rule about names, in words. */
export function refusesName(rule: Rule, name: string): string | null {
  return refusesAll(rule, [name]) ? `names ${inWords(rule)}` : null;
}

function refusesAll({ parameters }: Rule, texts: readonly string[]): boolean {
  const pattern = Pattern.safeParse(parameters);
  return pattern.success && texts.every((text) => isAsWanted(pattern.data, text) === false);
}

const OPERATORS: Readonly<Record<string, string>> = {
  starts_with: 'begin with',
  ends_with: 'end with',
  contains: 'contain',
  regex: 'match',
};

function inWords({ parameters }: Rule): string {
  const { operator, pattern, negate = false } = parameters as unknown as TextPattern;
  return `must${negate ? ' not' : ''} ${OPERATORS[operator] ?? operator} “${pattern}”`;
}
