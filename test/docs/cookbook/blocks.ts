/** A fenced block of a page: its language, what stands behind that (a name of a file, by our custom), and its text. */
export interface Block {
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^( *)```(\w+)(?: ([^\n]*))?\n([\s\S]*?)^\1```/gm)].map(
    ([, indent = '', language = '', name = '', text = '']) => ({
      language,
      name,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}
