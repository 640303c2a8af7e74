/** A piece of a template: text as it stands, or what is between `{{` and `}}` without its trim marks. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly code: string };

/** Cuts a template into text and actions, white space taken away as `{{-` and `-}}` say; comments are dropped. */
export function piecesOf(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = template;
  let trimNext = false;
  const text = (raw: string, trimEnd: boolean) => {
    const begun = trimNext ? raw.trimStart() : raw;
    pieces.push({ kind: 'text', text: trimEnd ? begun.trimEnd() : begun });
  };
  for (;;) {
    const start = rest.indexOf('{{');
    if (start < 0) break;
    const end = rest.indexOf('}}', start);
    if (end < 0) throw new Error(`an action is not closed: ${rest.slice(start, start + 40)}`);
    const trimBefore = rest.startsWith('{{- ', start);
    const trimAfter = rest.startsWith(' -}}', end - 2);
    text(rest.slice(0, start), trimBefore);
    const code = rest.slice(start + (trimBefore ? 4 : 2), end - (trimAfter ? 2 : 0)).trim();
    if (!code.startsWith('/*')) pieces.push({ kind: 'action', code });
    trimNext = trimAfter;
    rest = rest.slice(end + 2);
  }
  text(rest, false);
  return pieces;
}

/** Words of an action: strings, numbers, paths, variables, `(`, `)`, `|`, `:=`, `,`. */
export function wordsOf(code: string): readonly string[] {
  const words = code.match(/"(?:[^"\\]|\\.)*"|:=|[()|,]|\$?[\w.]*[\w.]|\$/g) ?? [];
  if (words.join('') !== code.replaceAll(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ''))
    throw new Error(`not understood: {{ ${code} }}`);
  return words;
}
