import type { ComponentChildren } from 'preact';
import { formatDate } from '../markup/dates.ts';
import { type Inline, isOpenable } from '../markup/rich.ts';
import { nameOf, zoneOf } from '../state/state.ts';
import { useDirectory, useWorkspace } from '../workspace/use-workspace.ts';
import { Emoji, Words } from './emoji.tsx';

type Of<Kind extends Inline['kind']> = { readonly piece: Extract<Inline, { kind: Kind }> };

export function Inlines({ pieces }: { readonly pieces: readonly Inline[] }) {
  return (
    <>
      {pieces.map((piece) => (
        <Piece piece={piece} />
      ))}
    </>
  );
}

function Piece({ piece }: { readonly piece: Inline }) {
  switch (piece.kind) {
    case 'text':
      return <Words text={piece.text} />;
    case 'break':
      return <br />;
    case 'bold':
    case 'italic':
    case 'strike':
    case 'underline':
      return <Styled piece={piece} />;
    case 'code':
      return <code>{piece.text}</code>;
    case 'emoji':
      return <Emoji name={piece.name} />;
    case 'link':
      return <Link piece={piece} />;
    case 'user':
      return <UserMention piece={piece} />;
    case 'channel':
      return <ChannelMention piece={piece} />;
    case 'usergroup':
      return <GroupMention piece={piece} />;
    case 'broadcast':
      return <Mention me>@{piece.range}</Mention>;
    case 'date':
      return <Moment piece={piece} />;
  }
}

const styles = { bold: 'strong', italic: 'em', strike: 's', underline: 'u' } as const;

function Styled({ piece }: Of<keyof typeof styles>) {
  const Tag = styles[piece.kind];
  return (
    <Tag>
      <Inlines pieces={piece.children} />
    </Tag>
  );
}

function Link({ piece }: Of<'link'>) {
  const workspace = useWorkspace();
  if (!isOpenable(piece.url)) return <Inlines pieces={piece.children} />;
  return (
    <a
      href={piece.url}
      target="_blank"
      rel="noopener noreferrer"
      onClick={(event) => {
        if (!event.ctrlKey && !event.metaKey && workspace.openPermalink(piece.url)) event.preventDefault();
      }}
    >
      <Inlines pieces={piece.children} />
    </a>
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

function UserMention({ piece }: Of<'user'>) {
  const workspace = useWorkspace();
  const state = useDirectory();
  const known = state.users.has(piece.id);
  const name = known ? nameOf(state, piece.id) : (piece.label ?? piece.id);
  return (
    <Mention me={piece.id === state.me} onOpen={() => workspace.openPerson(piece.id)}>
      @{name}
    </Mention>
  );
}

function ChannelMention({ piece }: Of<'channel'>) {
  const workspace = useWorkspace();
  const channel = useDirectory().channels.get(piece.id);
  if (channel === undefined) return <Mention>#{piece.label ?? piece.id}</Mention>;
  return (
    <Mention onOpen={() => workspace.goTo({ kind: 'channel', id: channel.id })}>#{channel.name}</Mention>
  );
}

function GroupMention({ piece }: Of<'usergroup'>) {
  const state = useDirectory();
  const group = state.groups.get(piece.id);
  const handle = (group?.handle ?? piece.label ?? piece.id).replace(/^@/, '');
  return <Mention me={group?.members.includes(state.me) ?? false}>@{handle}</Mention>;
}

/** A date in the time of the person who looks. */
function Moment({ piece }: Of<'date'>) {
  const zone = zoneOf(useDirectory());
  const time = (
    <time dateTime={new Date(piece.timestamp * 1000).toISOString()} title={`${zone} time`}>
      {formatDate(piece.timestamp, piece.format, zone, new Date())}
    </time>
  );
  if (piece.url === undefined || !isOpenable(piece.url)) return time;
  return (
    <a href={piece.url} target="_blank" rel="noopener noreferrer">
      {time}
    </a>
  );
}
