import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { formatDate } from '../markup/dates.ts';
import { emojiFor, emojiName, emojiPattern } from '../markup/emoji.ts';
import { parseMarkdown } from '../markup/markdown.ts';
import { parseMrkdwn, parsePlain } from '../markup/mrkdwn.ts';
import { type Inline, isOpenable, type Paragraph } from '../markup/rich.ts';
import { nameOf, zoneOf } from '../state/state.ts';
import { useDirectory, useWorkspace } from '../state/use-workspace.ts';
import { emojiArt } from './emoji-art.tsx';

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
function Words({ text }: { readonly text: string }) {
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

function Mention({
  me,
  children,
  onOpen,
}: {
  me?: boolean;
  children: ComponentChildren;
  onOpen?: () => void;
}) {
  const classes = me ? 'mention mention-me' : 'mention';
  return onOpen === undefined ? (
    <span class={classes}>{children}</span>
  ) : (
    <button type="button" class={classes} tabIndex={-1} onClick={onOpen}>
      {children}
    </button>
  );
}

function Piece({ piece }: { readonly piece: Inline }) {
  const workspace = useWorkspace();
  const state = useDirectory();
  switch (piece.kind) {
    case 'text':
      return <Words text={piece.text} />;
    case 'break':
      return <br />;
    case 'bold':
      return (
        <strong>
          <Inlines pieces={piece.children} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Inlines pieces={piece.children} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Inlines pieces={piece.children} />
        </s>
      );
    case 'underline':
      return (
        <u>
          <Inlines pieces={piece.children} />
        </u>
      );
    case 'code':
      return <code>{piece.text}</code>;
    case 'emoji':
      return <Emoji name={piece.name} />;
    case 'link':
      return isOpenable(piece.url) ? (
        <a
          href={piece.url}
          target="_blank"
          rel="noopener noreferrer"
          onClick={(event) => {
            if (!event.ctrlKey && !event.metaKey && workspace.openPermalink(piece.url))
              event.preventDefault();
          }}
        >
          <Inlines pieces={piece.children} />
        </a>
      ) : (
        <Inlines pieces={piece.children} />
      );
    case 'user': {
      const known = state.users.has(piece.id);
      const name = known ? nameOf(state, piece.id) : (piece.label ?? piece.id);
      return (
        <Mention me={piece.id === state.me} onOpen={() => workspace.openPerson(piece.id)}>
          @{name}
        </Mention>
      );
    }
    case 'channel': {
      const channel = state.channels.get(piece.id);
      if (channel === undefined) return <Mention>#{piece.label ?? piece.id}</Mention>;
      return (
        <Mention onOpen={() => workspace.goTo({ kind: 'channel', id: channel.id })}>#{channel.name}</Mention>
      );
    }
    case 'usergroup': {
      const group = state.groups.get(piece.id);
      const handle = (group?.handle ?? piece.label ?? piece.id).replace(/^@/, '');
      return <Mention me={group?.members.includes(state.me) ?? false}>@{handle}</Mention>;
    }
    case 'broadcast':
      return <Mention me>@{piece.range}</Mention>;
    case 'date': {
      const text = formatDate(piece.timestamp, piece.format, zoneOf(state), new Date());
      const time = (
        <time dateTime={new Date(piece.timestamp * 1000).toISOString()} title={`${zoneOf(state)} time`}>
          {text}
        </time>
      );
      return piece.url !== undefined && isOpenable(piece.url) ? (
        <a href={piece.url} target="_blank" rel="noopener noreferrer">
          {time}
        </a>
      ) : (
        time
      );
    }
  }
}

function Inlines({ pieces }: { readonly pieces: readonly Inline[] }) {
  return (
    <>
      {pieces.map((piece) => (
        <Piece piece={piece} />
      ))}
    </>
  );
}

/** True when there is nothing but a few emoji, which are then shown large. */
function onlyEmoji(parts: readonly Paragraph[]): boolean {
  const [first] = parts;
  if (parts.length !== 1 || first?.kind !== 'paragraph') return false;
  const pieces = first.children.filter((piece) => piece.kind !== 'text' || piece.text.trim() !== '');
  return pieces.length > 0 && pieces.length < 7 && pieces.every((piece) => piece.kind === 'emoji');
}

export function Paragraphs({ parts }: { readonly parts: readonly Paragraph[] }) {
  return (
    <>
      {parts.map((part) => (
        <Part part={part} />
      ))}
    </>
  );
}

function Part({ part }: { readonly part: Paragraph }) {
  switch (part.kind) {
    case 'paragraph':
      return (
        <p>
          <Inlines pieces={part.children} />
        </p>
      );
    case 'heading': {
      const Tag = part.level <= 1 ? 'h3' : part.level === 2 ? 'h4' : 'h5';
      return (
        <Tag>
          <Inlines pieces={part.children} />
        </Tag>
      );
    }
    case 'pre':
      return <pre>{part.text}</pre>;
    case 'quote':
      return (
        <blockquote>
          <Paragraphs parts={part.children} />
        </blockquote>
      );
    case 'rule':
      return <hr />;
    case 'list': {
      const Tag = part.ordered ? 'ol' : 'ul';
      return (
        <Tag class={`indent-${Math.min(part.indent, 6)}`} {...(part.ordered ? { start: part.start } : {})}>
          {part.items.map((item) => (
            <li>
              <Paragraphs parts={item} />
            </li>
          ))}
        </Tag>
      );
    }
    case 'table':
      return (
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                {part.head.map((cell, column) => (
                  <th scope="col" style={{ textAlign: part.align[column] ?? 'left' }}>
                    <Inlines pieces={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {part.rows.map((row) => (
                <tr>
                  {row.map((cell, column) => (
                    <td style={{ textAlign: part.align[column] ?? 'left' }}>
                      <Inlines pieces={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

export function Mrkdwn({ text }: { readonly text: string }) {
  const parts = useMemo(() => parseMrkdwn(text), [text]);
  return (
    <div class={onlyEmoji(parts) ? 'rich jumbo' : 'rich'}>
      <Paragraphs parts={parts} />
    </div>
  );
}

export function Markdown({ text }: { readonly text: string }) {
  const parts = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div class="rich markdown">
      <Paragraphs parts={parts} />
    </div>
  );
}

type TextObject = { readonly type: 'plain_text' | 'mrkdwn'; readonly text: string; readonly emoji?: boolean };

/** A text object of Block Kit; `plain_text` stays plain but for emoji. */
export function Text({ text }: { readonly text: TextObject }) {
  return text.type === 'mrkdwn' ? (
    <Mrkdwn text={text.text} />
  ) : (
    <div class="rich">
      <PlainText text={text} />
    </div>
  );
}

export function PlainText({ text }: { readonly text: Omit<TextObject, 'type'> }) {
  const pieces = useMemo(() => parsePlain(text.text, text.emoji !== false), [text.text, text.emoji]);
  return <Inlines pieces={pieces} />;
}
