import type { PageChannel } from '../../protocol/directory.ts';
import { Avatar } from '../controls/avatar.tsx';
import { Icon } from '../controls/icons.tsx';
import { channelInView, nameOf, type State } from '../state/state.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';
import { Panel } from './panel.tsx';

/** Channels, people, the app; and what the demo lets one do to production. */
export function Sidebar() {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const here = channelInView(state);
  const channels = [...state.channels.values()].filter((channel) => !channel.archived);
  const named = channels.filter((c) => c.kind !== 'im').sort((a, b) => a.name.localeCompare(b.name));
  const mine = named.filter((c) => c.members.includes(state.me));
  const others = named.filter((c) => !c.members.includes(state.me));
  return (
    <nav class="sidebar" aria-label="Channels and people">
      <div class="sidebar-scroll">
        <h2>Channels</h2>
        <ul>
          {mine.map((channel) => (
            <ChannelLink key={channel.id} channel={channel} current={channel.id === here} />
          ))}
          {others.map((channel) => (
            <ChannelLink key={channel.id} channel={channel} current={channel.id === here} outside />
          ))}
        </ul>
        <h2>Direct messages</h2>
        <ul>
          {people(state).map((user) => {
            const conversation = direct(state, user.id);
            const unread = conversation === undefined ? undefined : state.unread[conversation.id];
            return (
              <li key={user.id}>
                <button
                  type="button"
                  class={linkClass(
                    conversation !== undefined && conversation.id === here,
                    (unread?.count ?? 0) > 0,
                  )}
                  aria-current={conversation !== undefined && conversation.id === here ? 'page' : undefined}
                  data-testid="person"
                  data-user-id={user.id}
                  onClick={() => workspace.openPerson(user.id)}
                >
                  <Avatar user={user} size="small" />
                  <span class="side-name">
                    {nameOf(state, user.id)}
                    {user.id === state.me && <span class="side-note"> you</span>}
                  </span>
                  <Badge count={unread?.count ?? 0} />
                </button>
              </li>
            );
          })}
        </ul>
        {state.app !== null && (
          <>
            <h2>Apps</h2>
            <ul>
              <AppLink />
            </ul>
          </>
        )}
      </div>
      <Panel />
    </nav>
  );
}

function people(state: State) {
  return [...state.users.values()]
    .filter((user) => user.kind !== 'bot' && !user.deleted)
    .sort(
      (a, b) => Number(b.id === state.me) - Number(a.id === state.me) || a.realName.localeCompare(b.realName),
    );
}

function direct(state: State, user: string): PageChannel | undefined {
  return [...state.channels.values()].find((channel) => channel.kind === 'im' && channel.partner === user);
}

function linkClass(current: boolean, unread: boolean): string {
  return `side-link${current ? ' current' : ''}${unread ? ' unread' : ''}`;
}

function Badge({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <span class="count" role="img" aria-label={`${count} unread`} data-testid="unread">
      {count > 99 ? '99+' : count}
    </span>
  );
}

interface LinkProps {
  readonly channel: PageChannel;
  readonly current: boolean;
  readonly outside?: boolean;
}

function ChannelLink({ channel, current, outside = false }: LinkProps) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const unread = state.unread[channel.id];
  return (
    <li>
      <button
        type="button"
        class={`${linkClass(current, !outside && (unread?.count ?? 0) > 0)}${outside ? ' outside' : ''}`}
        aria-current={current ? 'page' : undefined}
        title={outside ? 'You are not in this channel' : channel.purpose || channel.topic}
        data-testid="channel"
        data-channel-id={channel.id}
        data-channel-name={channel.name}
        onClick={() => workspace.goTo({ kind: 'channel', id: channel.id })}
      >
        <Icon name={channel.kind === 'private' ? 'lock' : 'hash'} />
        <span class="side-name">{channel.name}</span>
        <Badge count={unread?.mentions ?? 0} />
      </button>
    </li>
  );
}

function AppLink() {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const app = state.app;
  if (app === null) return null;
  const current = state.place?.kind === 'app';
  const unread = state.unread[direct(state, app.user)?.id ?? '']?.count ?? 0;
  return (
    <li>
      <button
        type="button"
        class={linkClass(current, unread > 0)}
        aria-current={current ? 'page' : undefined}
        data-testid="app"
        onClick={() =>
          workspace.goTo({ kind: 'app', tab: app.homeTab && unread === 0 ? 'home' : 'messages' })
        }
      >
        <Avatar user={state.users.get(app.user)} size="small" />
        <span class="side-name">{app.name}</span>
        {!state.botOnline && (
          <span class="side-note" title="No process of the app is connected">
            offline
          </span>
        )}
        <Badge count={unread} />
      </button>
    </li>
  );
}
