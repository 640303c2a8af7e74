import { headerOf, linesAfterHeader, readConventional } from './conventional.ts';

/** A commit that undoes others, or undoes that (`Reapply`). */
export interface Revert {
  /** `back`: what was reverted comes back. */
  readonly kind: 'revert' | 'back';
  /** The commits that it undoes, at least their first 7 digits; empty when it does not name them. */
  readonly shas: readonly string[];
  /** Header of the commit that is undone, or comes back, without the number of its pull request. */
  readonly subject: string;
  /** Numbers of the pull requests of what it undoes and, where that comes back, of the first change; null: not named. */
  readonly number: string | null;
  readonly original: string | null;
  /** By `!` or a footer of its own, whatever it undoes. */
  readonly breaking: boolean;
}

/** The end of a header that a host writes. */
const NUMBER = / \(#(\d+)\)$/;
const LONGEST_LINE = 10_000;

/** Reads git's `Revert "…"` and `Reapply "…"`, GitHub's form of them, and `revert: …`; null for anything else. */
export function readRevert(message: string): Revert | null {
  const header = withoutNumber(headerOf(message).trim());
  const quoted = /^(Revert|Reapply) "(.*)"$/s.exec(header);
  const { type, subject: undone, breaking } = readConventional(message.trimStart());
  if (!quoted && type !== 'revert') return null;
  const inner = quoted?.[2] ?? withoutNumber(undone);
  const shas = shasIn(message);
  const twice = quoted && /^Revert "(.*)"$/s.exec(withoutNumber(inner));
  const first = twice?.[1] ?? inner;
  const subject = withoutNumber(first);
  if (twice || quoted?.[1] === 'Reapply') {
    const number = twice ? (numberOf(inner) ?? pullRequestUndoneBy(message)) : null;
    return { kind: 'back', shas, subject, number, original: numberOf(first), breaking };
  }
  const number = numberOf(inner) ?? pullRequestUndoneBy(message);
  return { kind: 'revert', shas, subject, number, original: number, breaking };
}

/** Without the ` (#12)` that a host puts behind. */
export function withoutNumber(header: string): string {
  const end = header.trimEnd();
  return numberOf(end) === null ? end : end.slice(0, end.lastIndexOf(' (#')).trimEnd();
}

/** The 12 of ` (#12)` at the end; null without it. */
export function numberOf(header: string): string | null {
  return (header.trimEnd().endsWith(')') && NUMBER.exec(header.trimEnd().slice(-30))?.[1]) || null;
}

/** `Reverts acme/shop#12` as GitHub writes it, `This reverts merge request !12` as GitLab does. */
function pullRequestUndoneBy(message: string): string | null {
  for (const line of linesAfterHeader(message)) {
    const [, number] =
      /^(?:Reverts [\w./-]{0,300}#|This reverts merge request [\w./-]{0,300}!)(\d+)\s*$/.exec(line) ?? [];
    if (number !== undefined) return number;
  }
  return null;
}

/** Named by `Refs:` or by git's own sentence; the digits of `#1234567` and `SHOP-1234567` are those of tickets. */
function shasIn(message: string): readonly string[] {
  const shas: string[] = [];
  for (const line of linesAfterHeader(message)) {
    if (!/^\s*(?:Refs:|This reverts commit\b)/i.test(line)) continue;
    for (const [sha] of line.slice(0, LONGEST_LINE).matchAll(/(?<![\w#!/-])[0-9a-f]{7,64}\b/g))
      shas.push(sha);
  }
  return shas;
}
