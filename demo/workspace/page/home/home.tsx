import { useEffect, useRef } from 'preact/hooks';
import type { PageApp } from '../../protocol/directory.ts';
import { HostedBlocks } from '../blocks/hosted.tsx';
import { ChannelBody } from '../channel/channel.tsx';
import { Avatar } from '../controls/avatar.tsx';
import { channelInView } from '../state/state.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

type Tab = 'home' | 'messages' | 'about';

/** The app's own place: its Home tab, the conversation with its bot, and what it can do. */
export function AppView({ app, tab }: { readonly app: PageApp; readonly tab: Tab }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const bar = useRef<HTMLDivElement>(null);
  const tabs: readonly { readonly id: Tab; readonly label: string }[] = [
    ...(app.homeTab ? [{ id: 'home' as const, label: 'Home' }] : []),
    { id: 'messages', label: 'Messages' },
    { id: 'about', label: 'About' },
  ];
  const at = tabs.findIndex((other) => other.id === tab);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    workspace.goTo({ kind: 'app', tab: next.id });
    window.requestAnimationFrame(() =>
      bar.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus(),
    );
  };
  const channel = state.channels.get(channelInView(state) ?? '');
  return (
    <main class="conversation" data-conversation aria-label={app.name}>
      <header class="head">
        <h2 class="head-title">
          <Avatar user={state.users.get(app.user)} size="small" />
          {app.name}
          <span class="badge">APP</span>
        </h2>
      </header>
      <div ref={bar} class="tabs" role="tablist" aria-label={app.name} onKeyDown={onKeyDown}>
        {tabs.map((other) => (
          <button
            key={other.id}
            type="button"
            role="tab"
            id={`tab-${other.id}`}
            aria-selected={other.id === tab}
            aria-controls="tab-panel"
            tabIndex={other.id === tab ? 0 : -1}
            data-testid={`tab-${other.id}`}
            onClick={() => workspace.goTo({ kind: 'app', tab: other.id })}
          >
            {other.label}
          </button>
        ))}
      </div>
      <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'home' && <HomeTab app={app} />}
        {tab === 'messages' && channel !== undefined && <ChannelBody channel={channel} />}
        {tab === 'about' && <About app={app} />}
      </div>
    </main>
  );
}

function HomeTab({ app }: { readonly app: PageApp }) {
  const { home } = useWorkspaceState();
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.scrollTo(0, 0), []);
  return (
    <div ref={top} class="home" data-testid="home">
      {home === null ? (
        <div class="beginning">
          <h3>This is a work in progress</h3>
          <p>{app.name} has not shown its Home yet. It does so as soon as it is connected.</p>
        </div>
      ) : (
        <HostedBlocks surface="home" container={{ type: 'view', viewId: home.id }} blocks={home.blocks} />
      )}
    </div>
  );
}

function About({ app }: { readonly app: PageApp }) {
  const workspace = useWorkspace();
  return (
    <div class="home">
      <p>{app.description}</p>
      <h3>Commands</h3>
      <dl class="about-list">
        {app.commands.map((command) => (
          <div key={command.command}>
            <dt>
              <code>
                {command.command} {command.usageHint}
              </code>
            </dt>
            <dd>{command.description}</dd>
          </div>
        ))}
      </dl>
      {app.globalShortcuts.length > 0 && <h3>Shortcuts</h3>}
      {app.globalShortcuts.map((shortcut) => (
        <p key={shortcut.callbackId}>
          <button type="button" class="button plain" onClick={() => workspace.shortcut(shortcut.callbackId)}>
            {shortcut.name}
          </button>{' '}
          {shortcut.description}
        </p>
      ))}
    </div>
  );
}
