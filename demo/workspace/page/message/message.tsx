import { useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { HostedBlocks } from '../blocks/hosted.tsx';
import { Composer } from '../compose/composer.tsx';
import { Avatar } from '../controls/avatar.tsx';
import { Icon } from '../controls/icons.tsx';
import { ago, clockTime, dayDivider, momentOf, shortClock } from '../markup/dates.ts';
import { plainLine } from '../state/plain-line.ts';
import { isNotice, nameOf, zoneOf } from '../state/state.ts';
import { useNow } from '../state/use-now.ts';
import { useDirectory, useWorkspace, useWorkspaceState } from '../state/use-workspace.ts';
import { Emoji, Mrkdwn, PlainText } from '../text/rich-view.tsx';
import { MessageActions } from './actions.tsx';
import { FileView } from './file.tsx';

interface Props {
  readonly message: PageMessage;
  /** Follows one by the same person, a moment ago: no second avatar and name. */
  readonly grouped: boolean;
  readonly inThread: boolean;
}

export function MessageView({ message, grouped, inThread }: Props) {
  const workspace = useWorkspace();
  const state = useDirectory();
  const [editing, setEditing] = useState(false);
  const zone = zoneOf(state);
  const at = momentOf(message.ts);
  const user = state.users.get(message.user);
  const name = nameOf(state, message.user);
  const ephemeral = message.ephemeralTo !== undefined;
  const parts = ['message'];
  if (grouped) parts.push('grouped');
  if (ephemeral) parts.push('ephemeral');
  if (isNotice(message)) parts.push('quiet');
  const pinned = state.channels.get(message.channel)?.pins.includes(message.ts) ?? false;
  if (pinned) parts.push('pinned');

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const mine = message.user === state.me && !ephemeral;
    if ((event.key === 't' || event.key === 'Enter') && !ephemeral && !inThread) {
      event.preventDefault();
      void workspace.openThread(message.channel, message.threadTs ?? message.ts);
    } else if (event.key === 'e' && mine) {
      event.preventDefault();
      setEditing(true);
    }
  };

  return (
    <article
      class={parts.join(' ')}
      tabIndex={-1}
      aria-label={`${name}, ${clockTime(at, zone)}`}
      data-testid="message"
      data-ts={message.ts}
      data-user={message.user}
      data-ephemeral={ephemeral}
      data-editable={message.user === state.me && !ephemeral}
      onKeyDown={onKeyDown}
    >
      {pinned && (
        <div class="message-note">
          <Icon name="pin" /> Pinned
        </div>
      )}
      {ephemeral && (
        <div class="message-note">
          <Icon name="eye" /> Only visible to you
        </div>
      )}
      {message.broadcast === true && !inThread && message.threadTs !== undefined && (
        <BroadcastNote message={message} threadTs={message.threadTs} />
      )}
      <div class="message-margin">
        {grouped ? (
          <time class="margin-time" dateTime={at.toISOString()}>
            {shortClock(at, zone)}
          </time>
        ) : (
          <Avatar user={user} />
        )}
      </div>
      <div class="message-body">
        {!grouped && (
          <div class="message-head">
            <button
              type="button"
              class="message-name"
              tabIndex={-1}
              onClick={() => workspace.openPerson(message.user)}
            >
              {name}
            </button>
            {user?.kind === 'bot' && <span class="badge">APP</span>}
            {user?.kind === 'guest' && <span class="badge">GUEST</span>}
            <time
              dateTime={at.toISOString()}
              title={`${dayDivider(at, zone, new Date())}, ${clockTime(at, zone, true)} (${zone})`}
            >
              {clockTime(at, zone)}
            </time>
          </div>
        )}
        {editing ? (
          <Composer channel={message.channel} editing={message} onDone={() => setEditing(false)} />
        ) : (
          <Content message={message} />
        )}
        <Reactions message={message} />
        {!inThread && <ThreadBar message={message} zone={zone} />}
        {ephemeral && (
          <button
            type="button"
            class="link dismiss"
            data-testid="dismiss"
            onClick={() => workspace.dismiss(message)}
          >
            Dismiss message
          </button>
        )}
      </div>
      {!editing && <MessageActions message={message} inThread={inThread} onEdit={() => setEditing(true)} />}
    </article>
  );
}

/** Where a reply belongs that is shown in the channel too. */
function BroadcastNote({ message, threadTs }: { readonly message: PageMessage; readonly threadTs: string }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const parent = state.logs.get(message.channel)?.messages.get(threadTs);
  return (
    <div class="message-note">
      <button type="button" class="link" onClick={() => workspace.openThread(message.channel, threadTs)}>
        replied to a thread
        {parent !== undefined && (
          <PlainText text={{ text: `: ${shortened(plainLine(state, parent.text))}` }} />
        )}
      </button>
    </div>
  );
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function Content({ message }: { readonly message: PageMessage }) {
  const container = { type: 'message', channel: message.channel, ts: message.ts } as const;
  const hasBlocks = message.blocks !== undefined && message.blocks.length > 0;
  return (
    <div class="message-content">
      {hasBlocks ? (
        <HostedBlocks surface="message" container={container} blocks={message.blocks ?? []} />
      ) : (
        message.text !== '' && <Mrkdwn text={message.text} />
      )}
      {message.edited !== undefined && !hasBlocks && <span class="edited"> (edited)</span>}
      {message.attachments?.map((attachment, at) => (
        <div key={at} class="attachment" style={{ '--bar': attachmentColor(attachment.color) }}>
          {attachment.title !== undefined && (
            <strong>
              <PlainText text={{ text: attachment.title }} />
            </strong>
          )}
          {attachment.text !== undefined && <Mrkdwn text={attachment.text} />}
          {attachment.blocks !== undefined ? (
            <HostedBlocks surface="message" container={container} blocks={attachment.blocks} />
          ) : (
            attachment.text === undefined &&
            attachment.fallback !== undefined && <PlainText text={{ text: attachment.fallback }} />
          )}
        </div>
      ))}
      {message.files?.map((file) => (
        <FileView key={file.id} file={file} />
      ))}
    </div>
  );
}

function attachmentColor(color: string | undefined): string {
  const named: Readonly<Record<string, string>> = { good: '#2fae6a', warning: '#f0a020', danger: '#e0354b' };
  if (color === undefined) return 'var(--line)';
  return named[color] ?? (/^#?[0-9a-f]{3,8}$/i.test(color) ? `#${color.replace('#', '')}` : 'var(--line)');
}

function Reactions({ message }: { readonly message: PageMessage }) {
  const workspace = useWorkspace();
  const state = useDirectory();
  if (message.reactions === undefined || message.reactions.length === 0) return null;
  return (
    <div class="reactions">
      {message.reactions.map(({ name, users }) => {
        const mine = users.includes(state.me);
        return (
          <button
            key={name}
            type="button"
            class={mine ? 'reaction mine' : 'reaction'}
            aria-pressed={mine}
            title={`${users.map((user) => nameOf(state, user)).join(', ')} reacted with :${name}:`}
            onClick={() => workspace.react(message, name, !mine)}
          >
            <Emoji name={name} /> {users.length}
          </button>
        );
      })}
    </div>
  );
}

function ThreadBar({ message, zone }: { readonly message: PageMessage; readonly zone: string }) {
  const workspace = useWorkspace();
  const state = useDirectory();
  const now = useNow();
  const thread = message.thread;
  if (thread === undefined || thread.replies === 0) return null;
  const latest = momentOf(thread.latest);
  // The clock of the page moves in steps; a reply is never from the future.
  const ageMs = Math.max(0, now.getTime() - latest.getTime());
  const recent = ageMs < 3_600_000;
  return (
    <button
      type="button"
      class="thread-bar"
      data-testid="thread-bar"
      onClick={() => workspace.openThread(message.channel, message.ts)}
    >
      <span class="thread-faces">
        {thread.users.slice(0, 5).map((id) => (
          <Avatar key={id} user={state.users.get(id)} size="small" />
        ))}
      </span>
      <span class="thread-count">{thread.replies === 1 ? '1 reply' : `${thread.replies} replies`}</span>
      <span class="thread-when">
        Last reply{' '}
        {recent
          ? ago(latest, new Date(latest.getTime() + ageMs))
          : `${dayDivider(latest, zone, now)} at ${clockTime(latest, zone)}`}
      </span>
      <span class="thread-view">View thread</span>
    </button>
  );
}
