/** Formatted text, whatever it was written in: Slack's mrkdwn, Markdown or a rich_text block. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'underline'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'emoji'; readonly name: string }
  | { readonly kind: 'link'; readonly url: string; readonly children: readonly Inline[] }
  | { readonly kind: 'user'; readonly id: string; readonly label?: string | undefined }
  | { readonly kind: 'channel'; readonly id: string; readonly label?: string | undefined }
  | { readonly kind: 'usergroup'; readonly id: string; readonly label?: string | undefined }
  | { readonly kind: 'broadcast'; readonly range: string }
  | {
      readonly kind: 'date';
      /** Seconds since the epoch. */
      readonly timestamp: number;
      readonly format: string;
      readonly url?: string | undefined;
      readonly fallback: string;
    };

export type Paragraph =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: 'pre'; readonly text: string }
  | { readonly kind: 'quote'; readonly children: readonly Paragraph[] }
  | { readonly kind: 'rule' }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly indent: number;
      readonly items: readonly (readonly Paragraph[])[];
    }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
      readonly align: readonly ('left' | 'center' | 'right' | undefined)[];
    };

/** The three entities that Slack's text escapes; nothing else is an entity there. */
export function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) =>
    name === 'amp' ? '&' : name === 'lt' ? '<' : '>',
  );
}

export function encodeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Joins neighbouring pieces of text, so that a reader of the tree sees words and not characters. */
export function joined(pieces: readonly Inline[]): Inline[] {
  const out: Inline[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') {
      out[out.length - 1] = { kind: 'text', text: last.text + piece.text };
    } else if (piece.kind !== 'text' || piece.text !== '') out.push(piece);
  }
  return out;
}

/** Only these open; anything else (javascript:, data:) stays text. */
export function isOpenable(url: string): boolean {
  return /^(https?:\/\/|mailto:|slack:\/\/|\/)/i.test(url);
}
