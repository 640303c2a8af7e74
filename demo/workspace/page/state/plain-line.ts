import { formatDate } from '../markup/dates.ts';
import { emojiFor } from '../markup/emoji.ts';
import { parseMrkdwn } from '../markup/mrkdwn.ts';
import type { Inline, Paragraph } from '../markup/rich.ts';
import { type Directory, nameOf, zoneOf } from './state.ts';

/** mrkdwn as words, for what is read out and for one-line previews. */
export function plainLine(state: Directory, mrkdwn: string): string {
  return parseMrkdwn(mrkdwn)
    .map((part) => ofParagraph(state, part))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function ofParagraph(state: Directory, part: Paragraph): string {
  switch (part.kind) {
    case 'paragraph':
    case 'heading':
      return ofInlines(state, part.children);
    case 'quote':
      return part.children.map((child) => ofParagraph(state, child)).join(' ');
    case 'pre':
      return part.text;
    default:
      return '';
  }
}

function ofInlines(state: Directory, pieces: readonly Inline[]): string {
  return pieces.map((piece) => ofInline(state, piece)).join('');
}

function ofInline(state: Directory, piece: Inline): string {
  switch (piece.kind) {
    case 'text':
    case 'code':
      return piece.text;
    case 'break':
      return ' ';
    case 'emoji':
      return emojiFor(piece.name) ?? `:${piece.name}:`;
    case 'user':
      return `@${state.users.has(piece.id) ? nameOf(state, piece.id) : (piece.label ?? piece.id)}`;
    case 'channel':
      return `#${state.channels.get(piece.id)?.name ?? piece.label ?? piece.id}`;
    case 'usergroup':
      return `@${state.groups.get(piece.id)?.handle ?? piece.label ?? piece.id}`;
    case 'broadcast':
      return `@${piece.range}`;
    case 'date':
      return formatDate(piece.timestamp, piece.format, zoneOf(state), new Date());
    default:
      return ofInlines(state, piece.children);
  }
}
