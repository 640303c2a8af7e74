import { useEffect, useMemo, useState } from 'preact/hooks';
import { ChannelView } from '../channel/channel.tsx';
import { ConfirmDialog } from '../dialogs/confirm.tsx';
import { Modal } from '../dialogs/modal.tsx';
import { Toasts } from '../dialogs/toasts.tsx';
import { AppView } from '../home/home.tsx';
import type { State } from '../state/state.ts';
import { ThreadPanel } from '../thread/thread.tsx';
import { DirectoryContext, StateContext, WorkspaceContext } from '../workspace/use-workspace.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { Sidebar } from './sidebar.tsx';
import { TopBar } from './top-bar.tsx';

/** The whole page. Draws the state anew whenever it changed, at most once a frame. */
export function App({ workspace }: { readonly workspace: Workspace }) {
  const [state, setState] = useState(workspace.state());
  useEffect(() => {
    let planned = false;
    const update = () => {
      planned = false;
      setState(workspace.state());
    };
    update();
    return workspace.subscribe(() => {
      if (planned) return;
      planned = true;
      // A hidden tab draws no frames, but its title shall still count.
      if (document.visibilityState === 'visible') window.requestAnimationFrame(update);
      else window.setTimeout(update);
    });
  }, [workspace]);
  const { me, users, groups, channels, app } = state;
  const directory = useMemo(() => ({ me, users, groups, channels, app }), [me, users, groups, channels, app]);

  useEffect(() => {
    const unread = Object.values(state.unread).reduce((sum, { mentions }) => sum + mentions, 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${state.team.name || 'Workspace'}`;
  }, [state.unread, state.team.name]);

  return (
    <WorkspaceContext.Provider value={workspace}>
      <StateContext.Provider value={state}>
        <DirectoryContext.Provider value={directory}>
          {state.me === '' ? (
            <p class="waiting" role="status">
              <span class="spinner" /> Opening the workspace…
            </p>
          ) : (
            <Shell state={state} workspace={workspace} />
          )}
          <Modal />
          <ConfirmDialog />
          {state.views.length === 0 && <Toasts />}
          <div class="read-out" aria-live="polite" data-testid="announcement">
            {state.announcement}
          </div>
        </DirectoryContext.Provider>
      </StateContext.Provider>
    </WorkspaceContext.Provider>
  );
}

function Shell({ state, workspace }: { readonly state: State; readonly workspace: Workspace }) {
  const { place, sheet, thread } = state;
  const channel = place?.kind === 'channel' ? state.channels.get(place.id) : undefined;
  useEffect(() => {
    if (sheet === 'none') return;
    const onEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') workspace.showSheet('none');
    };
    window.addEventListener('keydown', onEscape);
    return () => window.removeEventListener('keydown', onEscape);
  }, [sheet, workspace]);
  useEffect(() => {
    window.addEventListener('keydown', nextRegion);
    return () => window.removeEventListener('keydown', nextRegion);
  }, []);
  return (
    <div class={`shell${thread === null ? '' : ' threaded'}${sheet === 'none' ? '' : ' sheeted'}`}>
      <TopBar />
      <Sidebar />
      {sheet !== 'none' && (
        <button type="button" class="scrim" aria-label="Close" onClick={() => workspace.showSheet('none')} />
      )}
      {channel !== undefined && <ChannelView channel={channel} />}
      {place?.kind === 'app' && state.app !== null && <AppView app={state.app} tab={place.tab} />}
      {channel === undefined && place?.kind !== 'app' && (
        <main class="conversation">
          <div class="beginning">
            <h3>Nothing is open</h3>
            <p>Choose a channel or a person.</p>
          </div>
        </main>
      )}
      <ThreadPanel />
    </div>
  );
}

/** F6 goes round the regions of the page, as in most programs with several. */
function nextRegion(event: KeyboardEvent): void {
  if (event.key !== 'F6') return;
  event.preventDefault();
  const stops = [
    '.sidebar [aria-current]',
    '.conversation .messages',
    '.conversation textarea',
    '.thread .messages',
    '.thread textarea',
  ]
    .map((selector) => document.querySelector<HTMLElement>(selector))
    .filter((stop) => stop !== null);
  const at = stops.findIndex((stop) => stop.contains(document.activeElement));
  stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length]?.focus();
}
