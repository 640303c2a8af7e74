import { inert, mention, time } from './escape.ts';
import type { Inline } from './rich-text.ts';

/** Inline parts as fallback text: mentions and times as tokens, everything else inert. */
export function fallbackText(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return padded(part);
      if (part.type === 'user') return mention(part.user_id);
      if (part.type === 'usergroup') return `<!subteam^${part.usergroup_id}>`;
      if (part.type === 'date') return time(part.timestamp * 1_000);
      if (part.type === 'text') return padded(part.text);
      return part.type === 'link' ? inert(part.text ?? part.url, 300) : '';
    })
    .join('')
    .trim();
}

/** Escaping trims; the blanks between parts have to stay. */
function padded(text: string): string {
  const escaped = inert(text, 600);
  return `${/^\s/.test(text) ? ' ' : ''}${escaped}${/\s$/.test(text) && escaped !== '' ? ' ' : ''}`;
}
