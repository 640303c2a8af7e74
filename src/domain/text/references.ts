/** Code spans, addresses, targets of links, and links whose text is a reference: nothing in them acts. */
const INERT = [
  String.raw`\\\u0060`,
  '``(?!`)(?:[^`]|`(?!`))*``(?!`)',
  '`[^`]+`(?!`)',
  String.raw`https?:\/\/[^\s<>)\]]+`,
  String.raw`\]\([^()\s[\]]*\)`,
  String.raw`\[[#!]\d{1,10}\](?=\()`,
];

/** What a host takes for an issue, a pull request, a commit, or somebody to call. */
const REFERENCE = [
  // acme/shop#3, shop!12, #3
  String.raw`(?<![\w./-])(?:[\w.-]{1,100}\/){0,4}[\w.-]{1,100}[#!]\d{1,10}\b`,
  String.raw`(?<!&)\\?[#!]\d{1,10}\b`,
  String.raw`\bGH-\d{1,10}\b`,
  '(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9A-Za-z])',
  String.raw`(?<![\w\u0060])\\?@[A-Za-z0-9](?:[\w.-]{0,99}\w)?(?:\/\w(?:[\w.-]{0,99}\w)?)?`,
  // A command of GitLab, at the start of a line.
  String.raw`\/(?<=^\s*\/)[a-z_]{2,40}(?![\w/-])`,
];

/** A link to an issue that the word before it would close: the word is set apart, and the link stays. */
const PAGE = String.raw`https?:\/\/[^\s<>)\]]{1,300}\/(?:issues|pull|pulls|merge_requests|work_items)\/\d`;
const CLOSING = String.raw`\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)\b`;
const KEYWORD = String.raw`${CLOSING}(?=:?\s{1,5}(?:<?${PAGE}|\[[^\]]{0,200}\]\(${PAGE}))`;

const TOKENS = new RegExp(`(${INERT.join('|')})|(\u0060+)|${[KEYWORD, ...REFERENCE].join('|')}`, 'giu');

/** How a squashed pull request ends its title, which is how our changelog links it: `(#12)`. */
const OWN_PULL = /(?: ?\([#!]\d{1,10}(?:, ?[#!]\d{1,10}){0,9}\)){1,3}\s*$/u;
const ENDS_IN_KEYWORD = new RegExp(`${CLOSING}:?$`, 'iu');

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Markdown, or a message of git, in which no word closes an issue, calls a person or points at a commit on the host
 * that shows it: what would is set as code (`#3`, `@team`). Links stay, and so does the number of the pull request at
 * the end of a line, because that number alone does nothing but lead there. Doing it twice changes nothing more.
 */
export function withoutReferences(markdown: string): string {
  let fence: string | null = null;
  return markdown
    .split('\n')
    .map((line) => {
      const [, mark = ''] = FENCE.exec(line) ?? [];
      const before = fence;
      if (before === null && mark !== '') fence = mark;
      else if (before !== null && mark.startsWith(before) && line.trim() === mark) fence = null;
      return before !== null || mark !== '' ? line : lineWithout(line);
    })
    .join('\n');
}

function lineWithout(line: string): string {
  const [own = ''] = OWN_PULL.exec(line) ?? [];
  const text = line.slice(0, line.length - own.length);
  return ENDS_IN_KEYWORD.test(text) ? asCode(line) : asCode(text) + own;
}

function asCode(text: string): string {
  return text.replace(TOKENS, (all, inert: string | undefined, lone: string | undefined) => {
    if (inert !== undefined) return inert;
    // A backtick without its other half would turn our code inside out.
    return lone === undefined ? `\`${all}\`` : lone.replaceAll('`', '\\`');
  });
}
