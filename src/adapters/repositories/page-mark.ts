/** By this the page of a release is known to be ours; hosts do not show it. */
const MARK = '<!-- written by Slipway -->';

/** The text of a page of ours, in at most so many characters. */
export function markedPage(body: string, longest: number): string {
  return `${MARK}\n${body.length > longest ? `${body.slice(0, longest)}\n…` : body}`;
}

/** Whether Slipway wrote it, or nobody has yet. */
export function isOurPage(said: string | null | undefined): boolean {
  const text = (said ?? '').trim();
  return text === '' || text.startsWith(MARK);
}
