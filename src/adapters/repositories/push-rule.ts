/** A rule of a host that refused a push, as far as its words tell. */
export type PushRule = 'sign-off' | 'signature' | 'message' | 'identity' | 'tag' | 'pull-request';

/**
 * In this order: a line Signed-off-by is no signature, and what is said of a message may name tags. The words are those
 * of GitHub, GitLab, Gitea and Forgejo, Bitbucket, Azure DevOps, Gerrit and Gitolite, and of hooks that people write.
 */
const RULES: readonly (readonly [PushRule, RegExp])[] = [
  ['sign-off', /signed-off-by|sign(?:ed)?[- ]off|\bDCO\b/i],
  [
    'signature',
    /\b(?:un)?signed\b|\bsignatures?\b|\bgpg\b|unverified commit|verified commit|must be verified|unverified signature/i,
  ],
  [
    'message',
    /(?:commit|log) messages?\b|message (?:does not|doesn't|must|is missing|in footer)|\bin message footer|missing change-id|message_pattern|issue key|conventional commit/i,
  ],
  [
    'identity',
    /(?:author|committer|pusher)(?:'s)? (?:e-?mail|name|address)|(?:invalid|expected|forge) (?:author|committer)|e-?mail address .{0,80}(?:not|does)|not a member of (?:the )?(?:team|project)|(?:author|committer) .{0,120}(?:is not|must|does not follow|was not)/i,
  ],
  [
    'tag',
    /protected tag|tag .{0,200}(?:is|are) protected|(?:create|delete|update|push)\w* (?:this |a |the )?(?:protected )?tags?\b|'CreateTag'|creations? being restricted|refs\/tags\/\S+ .{0,200}denied by/i,
  ],
  ['pull-request', /(?:pull|merge) requests?\b/i],
];

/** The rule that a host names when it refuses a push; null when its words tell none. */
export function pushRuleOf(reason: string): PushRule | null {
  const text = reason.slice(0, 2_000);
  return RULES.find(([, words]) => words.test(text))?.[0] ?? null;
}

/** The rule as a fact of a refusal. */
export function ruleFact(reason: string): { readonly rule?: PushRule } {
  const rule = pushRuleOf(reason);
  return rule === null ? {} : { rule };
}

/** Whether a refusal of several refs is about a tag: the host names it, or a rule of tags, and no branch. */
export function isAboutTag(reason: string): boolean {
  if (/refs\/heads\//.test(reason)) return false;
  return /refs\/tags\//.test(reason) || pushRuleOf(reason) === 'tag';
}

/** What the host says when its own checks do not run now: that passes. */
const HOST_TROUBLE =
  /internal (?:server (?:connection )?error|api (?:is )?(?:unreachable|error))|unexpected system error|fatal error in commit_refs|maintenance mode|api is not accessible|(?:service|temporarily) unavailable|timed? ?out|connection refused|try again later|\b50[234]\b/i;

export function isHostTrouble(reason: string): boolean {
  return pushRuleOf(reason) === null && HOST_TROUBLE.test(reason);
}
