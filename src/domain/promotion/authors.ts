import type { Commit, Sha } from '../release/release.ts';
import { ownValue } from '../text/own.ts';

/** Somebody behind the promoted commits, by one of their names. */
export interface Author {
  /** Lower case, sorted. */
  readonly emails: readonly string[];
  /** Account of the repository's host, lower case. */
  readonly account?: string;
  /**
   * `proven`: the host knows the account, by who opened the pull request or signed. `claimed`: written into a commit
   * by whoever made it. `unproven`: the same, of a commit that the host could tell more of, and does not. `unsigned`:
   * the same, of an unsigned commit in a pull request that the author did not open. `unpushed`: the same, of a pull
   * request to which anybody may have pushed.
   */
  readonly trust: 'proven' | 'claimed' | 'unproven' | 'unsigned' | 'unpushed';
}

/** What a host knows of commits, by id: the accounts that opened their pull requests. Null: the host tells nothing. */
export type Openers = ReadonlyMap<Sha, readonly string[]> | null;

/** Whom a host knows to be behind commits. */
interface Behind {
  readonly openers: Openers;
  /** Accounts that pushed to their pull requests; null where it does not tell. Absent: it is not asked. */
  readonly pushers?: ReadonlyMap<Sha, readonly string[] | null>;
}

/** Stands in the config for somebody who is no member of the workspace. */
export const OUTSIDE = 'outside';

/** GitHub commits by this address what people do on its pages. */
const WEB_COMMITTER = 'noreply@github.com';
const PRIVATE_ADDRESS = /^(?:\d+\+)?([a-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com$/;
/** What comes after it is not read, in characters. */
const MOST_MESSAGE = 1_000_000;

interface Name {
  readonly email: string;
  /** The account that the host has for the address. */
  readonly account?: string | undefined;
}

/**
 * Everybody whom these commits name, and whom their host knows to be behind them; sorted, each once. `people`: whom the
 * config has for accounts and addresses.
 */
export function authorsOf(
  commits: readonly Commit[],
  host: Openers | Behind,
  people: Readonly<Record<string, string>> = {},
): readonly Author[] {
  const behind: Behind = host !== null && 'openers' in host ? host : { openers: host };
  const { openers, pushers } = behind;
  const found = new Map<string, { trust: Author['trust']; account?: string; emails: Set<string> }>();
  const add = (trust: Author['trust'], account: string | undefined, email?: string): void => {
    const name = account ?? email ?? '';
    const key = doesClear(trust) ? name : `${trust} ${name}`;
    const known = found.get(key);
    const entry = known ?? {
      trust,
      ...(account === undefined ? {} : { account }),
      emails: new Set<string>(),
    };
    if (trust === 'proven') entry.trust = trust;
    if (email !== undefined) entry.emails.add(email);
    found.set(key, entry);
  };
  for (const commit of commits) {
    const told = [openers?.get(commit.sha), pushers?.get(commit.sha), commit.signedBy];
    const proven = told.flatMap((accounts) => accounts ?? []);
    for (const account of proven) add('proven', account.toLowerCase());
    namesIn(commit).forEach((name, index) => {
      const trust = openers === null || index > 0 ? 'claimed' : authorTrust(commit, behind, people);
      add(trust, accountOf(name), name.email);
    });
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { emails, ...author }]) => ({ ...author, emails: [...emails].sort() }));
}

/** Whether an author of this trust may be known by their name at all. */
export function doesClear(trust: Author['trust']): boolean {
  return trust === 'proven' || trust === 'claimed';
}

/** What the host lets one believe of the author whom a commit names. Whoever may push to a pull request writes any. */
function authorTrust(
  commit: Commit,
  { openers, pushers }: Behind,
  people: Readonly<Record<string, string>>,
): Author['trust'] {
  const accounts = (openers?.get(commit.sha) ?? []).map((account) => account.toLowerCase());
  const isSigned = (commit.signedBy ?? []).length > 0;
  // What was squashed on the host's pages is signed by the host, whoever pushed it.
  const isSquashed = isSigned && accounts.length > 0 && isByHost(commit);
  if (isSigned && !isSquashed) return 'claimed';
  if (!isSigned && accounts.length === 0) return 'unproven';
  if (pushers && !pushers.get(commit.sha)) return 'unpushed';
  if (isSquashed) return 'claimed';
  const [author] = namesIn(commit);
  const account = accountOf(author);
  const person = ownValue(people, author.email);
  const isTheirs = accounts.some((opener) => {
    const is = ownValue(people, opener);
    if (is === OUTSIDE || opener.endsWith('[bot]')) return false;
    return opener === account || (is !== undefined && is === person);
  });
  return isTheirs ? 'claimed' : 'unsigned';
}

function isByHost({ committerEmail = WEB_COMMITTER, parents = [] }: Commit): boolean {
  return committerEmail.toLowerCase() === WEB_COMMITTER && parents.length < 2;
}

/** The author first, then the committer and whom the trailers name. */
function namesIn(commit: Commit): readonly [Name, ...Name[]] {
  const author = { email: commit.authorEmail.toLowerCase(), account: commit.authorAccount };
  const committer = { email: commit.committerEmail?.toLowerCase() ?? '', account: commit.committerAccount };
  const isPerson = committer.email !== '' && committer.email !== WEB_COMMITTER;
  return [
    author,
    ...(isPerson ? [committer] : []),
    ...trailerEmails(commit.message).map((email) => ({ email })),
  ];
}

/** Addresses in `Co-authored-by` and `Signed-off-by`, wherever in the message they stand. */
function trailerEmails(message: string): readonly string[] {
  return message
    .slice(0, MOST_MESSAGE)
    .split('\n')
    .map((line) => line.trim().toLowerCase())
    .filter((line) => line.startsWith('co-authored-by:') || line.startsWith('signed-off-by:'))
    .flatMap((line) => line.slice(line.indexOf(':') + 1).split(/[\s<>,;]/))
    .filter((word) => word.indexOf('@') > 0 && !word.endsWith('@'));
}

/** Lower case. */
function accountOf({ email, account }: Name): string | undefined {
  return (account ?? PRIVATE_ADDRESS.exec(email)?.[1])?.toLowerCase();
}

/** As plans of earlier versions had them: only an address. */
export type PlannedAuthor = Author | string;

export function plannedAuthors(authors: readonly PlannedAuthor[] = []): readonly Author[] {
  return authors.map((author) =>
    typeof author === 'string' ? { emails: [author], trust: 'claimed' } : author,
  );
}

/** What tells one author from another: the account, else an address. */
export function nameOf({ account, emails }: Author): string {
  return account ?? emails[0] ?? '';
}

/** How people call an author: `@octocat`, `ada@example.com`, or that nothing proves it. Raw text. */
export function authorInWords({ account, emails, trust }: Author): string {
  const name = account === undefined ? emails[0] || 'nobody’s address' : `@${account}`;
  if (trust === 'unsigned') return `${name} (no verified signature, somebody else’s pull request)`;
  if (trust === 'unpushed') return `${name} (the host does not tell who pushed to that pull request)`;
  return trust === 'unproven' ? `${name} (no pull request, no verified signature)` : name;
}

/** Whom the config has for an author: Slack user ids and OUTSIDE. */
export function configuredPeople(
  { account, emails }: Author,
  people: Readonly<Record<string, string>>,
): readonly string[] {
  return [...(account === undefined ? [] : [account]), ...emails].flatMap((name) =>
    Object.hasOwn(people, name) ? [people[name] ?? OUTSIDE] : [],
  );
}

/**
 * Whether a voter could be an author whom nobody knows. An account that the host knows is not theirs when the config
 * has another one for them; what is only written into a commit, anybody may have written.
 */
export function couldBe(user: string, author: Author, people: Readonly<Record<string, string>>): boolean {
  if (author.trust !== 'proven') return true;
  return !Object.entries(people).some(
    ([name, is]) => is === user && !name.includes('@') && name !== author.account,
  );
}
