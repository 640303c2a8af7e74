import { useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { Composer } from '../compose/composer.tsx';
import { Avatar } from '../controls/avatar.tsx';
import { clockTime, dayDivider, momentOf, shortClock } from '../markup/dates.ts';
import { type Directory, isNotice, nameOf, zoneOf } from '../state/state.ts';
import { useDirectory, useWorkspace } from '../workspace/use-workspace.ts';
import { MessageActions } from './actions.tsx';
import { Content } from './content.tsx';
import { Notes } from './notes.tsx';
import { Reactions } from './reactions.tsx';
import { ThreadBar } from './thread-bar.tsx';

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
  const ephemeral = message.ephemeralTo !== undefined;
  const editable = message.user === state.me && !ephemeral;
  const pinned = state.channels.get(message.channel)?.pins.includes(message.ts) ?? false;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === 't' || event.key === 'Enter') && !ephemeral && !inThread) {
      event.preventDefault();
      void workspace.openThread(message.channel, message.threadTs ?? message.ts);
    } else if (event.key === 'e' && editable) {
      event.preventDefault();
      setEditing(true);
    }
  };

  return (
    <article
      class={classOf({ grouped, ephemeral, quiet: isNotice(message), pinned })}
      tabIndex={-1}
      aria-label={`${nameOf(state, message.user)}, ${clockTime(at, zone)}`}
      data-testid="message"
      data-ts={message.ts}
      data-user={message.user}
      data-ephemeral={ephemeral}
      data-editable={editable}
      onKeyDown={onKeyDown}
    >
      <Notes message={message} pinned={pinned} inThread={inThread} />
      <div class="message-margin">
        {grouped ? (
          <time class="margin-time" dateTime={at.toISOString()}>
            {shortClock(at, zone)}
          </time>
        ) : (
          <Avatar user={state.users.get(message.user)} />
        )}
      </div>
      <div class="message-body">
        {!grouped && <Head message={message} state={state} />}
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

function classOf(marks: Readonly<Record<string, boolean>>): string {
  return ['message', ...Object.keys(marks).filter((name) => marks[name])].join(' ');
}

/** Who said it, and when. */
function Head({ message, state }: { readonly message: PageMessage; readonly state: Directory }) {
  const workspace = useWorkspace();
  const zone = zoneOf(state);
  const at = momentOf(message.ts);
  const user = state.users.get(message.user);
  return (
    <div class="message-head">
      <button
        type="button"
        class="message-name"
        tabIndex={-1}
        onClick={() => workspace.openPerson(message.user)}
      >
        {nameOf(state, message.user)}
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
  );
}
