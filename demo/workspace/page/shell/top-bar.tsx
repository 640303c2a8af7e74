import { useState } from 'preact/hooks';
import { Avatar } from '../controls/avatar.tsx';
import { Icon } from '../controls/icons.tsx';
import { MenuButton } from '../controls/menu.tsx';
import { nameOf } from '../state/state.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';
import { isDark, setTheme } from './theme.ts';

/** Over everything: the workspace's name, the light, and who one is. */
export function TopBar() {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const [dark, setDark] = useState(isDark());
  const me = state.users.get(state.me);
  const people = [...state.users.values()].filter((user) => user.kind !== 'bot' && !user.deleted);
  const unread = Object.entries(state.unread).some(
    ([id, { mentions }]) => mentions > 0 && state.channels.has(id),
  );
  const hasPanel = state.switches.length + state.gauges.length > 0;
  return (
    <header class="top-bar">
      <button
        type="button"
        class="icon-button narrow-only"
        aria-label="Channels and people"
        aria-expanded={state.sheet === 'sidebar'}
        data-testid="open-sidebar"
        onClick={() => workspace.showSheet(state.sheet === 'sidebar' ? 'none' : 'sidebar')}
      >
        <Icon name="menu" />
        {unread && <span class="dot" />}
      </button>
      <h1>{state.team.name}</h1>
      <Line />
      <span class="top-space" />
      {hasPanel && (
        <button
          type="button"
          class="icon-button narrow-only"
          aria-label="Production"
          title="Production"
          data-testid="open-panel"
          onClick={() => workspace.showSheet('sidebar')}
        >
          <Icon name="sliders" />
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={dark ? 'Use light colours' : 'Use dark colours'}
        title={dark ? 'Use light colours' : 'Use dark colours'}
        data-testid="theme"
        onClick={() => {
          setTheme(dark ? 'light' : 'dark');
          setDark(!dark);
        }}
      >
        <Icon name={dark ? 'sun' : 'moon'} />
      </button>
      <MenuButton
        label={`You are ${firstName(nameOf(state, state.me))}. Switch user`}
        heading="Be somebody else"
        class="user-switcher"
        align="end"
        testId="user-switcher"
        items={people.map((user) => ({
          key: user.id,
          label: nameOf(state, user.id),
          detail: [user.title, user.timeZone].filter(Boolean).join(' · '),
          lead: <Avatar user={user} size="small" />,
          checked: user.id === state.me,
          onSelect: () => void workspace.actAs(user.id),
        }))}
      >
        <Avatar user={me} size="small" />
        <span class="user-switcher-name">
          You are <strong>{firstName(nameOf(state, state.me))}</strong>
        </span>
        <Icon name="down" />
      </MenuButton>
    </header>
  );
}

function firstName(name: string): string {
  return name.split(' ')[0] ?? name;
}

/** Said only when something is not as it should be. */
function Line() {
  const { connection, botOnline, app } = useWorkspaceState();
  if (connection === 'lost') {
    return (
      <span class="line lost" role="status" data-testid="line">
        <span class="spinner" /> Reconnecting…
      </span>
    );
  }
  if (connection === 'open' && !botOnline) {
    return (
      <span class="line" role="status" data-testid="line">
        {app?.name ?? 'The app'} is not connected
      </span>
    );
  }
  return null;
}
