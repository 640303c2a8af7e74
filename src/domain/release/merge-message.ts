import { headerOf, linesAfterHeader, readConventional } from './conventional.ts';

/** What git and its hosts write for a merge by themselves. */
const MERGE =
  /^(?:Merge (?:branch(?:es)?|pull request|remote-tracking branch(?:es)?|tags?|commits?) |Merged in \S+ \(pull request #\d+\)\s*$)/;
/** Azure DevOps and Bitbucket Data Center, of merges and of squashes. */
const BEFORE_TITLE = /^(?:Merged PR \d+|Pull request #\d+): (?=\S)/;
/** GitHub and Bitbucket: the title of the pull request is below. */
const ABOVE_TITLE = /^(?:Merge pull request #\d+ |Merged in \S+ \(pull request #\d+\))/;
/** Gitea. */
const AROUND_TITLE = /^Merge pull request '(.+)' \(#\d+\) from /;
const NUMBER =
  /^(?:Merge pull request (?:'.*' \()?#|Merged in \S+ \(pull request #|Merged PR |Pull request #)(\d+)\b/;

/** Whether a commit is a merge in the words of git or of its host; `isMerge`: by its parents, null where nobody says. */
export function isMergeMessage(message: string, isMerge: boolean | null): boolean {
  const header = headerOf(message).trim();
  return isMerge !== false && (MERGE.test(header) || (isMerge === true && BEFORE_TITLE.test(header)));
}

/** A message with the title of its pull request in front, where the host has put a line of its own there. */
export function authoredMessage(message: string): string {
  const header = headerOf(message);
  const below = message.slice(header.length);
  if (BEFORE_TITLE.test(header)) return message.replace(BEFORE_TITLE, '');
  const [, title] = AROUND_TITLE.exec(header) ?? [];
  if (title !== undefined) return title + below;
  return (ABOVE_TITLE.test(header) && below.trimStart()) || message;
}

/** Whether a merge says that it breaks something: its title, or a footer. What it joins is in the history too. */
export function isBreakingMerge(message: string): boolean {
  const below = message.slice(headerOf(message).length).trimStart();
  return [authoredMessage(message), below].some((text) => readConventional(text).breaking);
}

/** The number of the pull request that a merge names; null when it names none. */
export function pullRequestOf(message: string): string | null {
  const [, number] = NUMBER.exec(headerOf(message)) ?? [];
  if (number !== undefined) return number;
  for (const line of linesAfterHeader(message)) {
    const [, gitlab] = /^See merge request [^\s!]*!(\d+)\s*$/.exec(line.slice(0, 500)) ?? [];
    if (gitlab !== undefined) return gitlab;
  }
  return null;
}
