import type { ComponentChildren } from 'preact';
import { emojiFor, emojiName, emojiPattern } from '../markup/emoji.ts';
import { emojiArt } from './emoji-art/art.ts';

/** One emoji by its shortcode: drawn when we have a drawing, else the character. */
export function Emoji({ name }: { readonly name: string }) {
  const art = emojiArt(name);
  const character = emojiFor(name);
  if (art === undefined) {
    return (
      <span class="emoji" role="img" aria-label={name.replaceAll('_', ' ')} title={`:${name}:`}>
        {character ?? `:${name}:`}
      </span>
    );
  }
  return (
    <span class="emoji" title={`:${name}:`}>
      <svg viewBox="0 0 24 24" role="img" aria-label={name.replaceAll('_', ' ')}>
        {art}
      </svg>
      <span class="copied-only">{character}</span>
    </span>
  );
}

/** Text in which characters that we can draw are drawn. */
export function Words({ text }: { readonly text: string }) {
  const out: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(emojiPattern)) {
    const name = emojiName(match[0]);
    if (name === undefined) continue;
    out.push(text.slice(from, match.index), <Emoji name={name} />);
    from = match.index + match[0].length;
  }
  return (
    <>
      {out}
      {text.slice(from)}
    </>
  );
}
