import { useEffect, useRef } from 'preact/hooks';
import { Composer } from '../compose/composer.tsx';
import { Icon } from '../controls/icons.tsx';
import { MessageList } from '../message/list.tsx';
import { conversation, nameOf } from '../state/state.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

/** The panel on the right: a message and all replies to it. */
export function ThreadPanel() {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const panel = useRef<HTMLElement>(null);
  const { thread } = state;
  const key = thread === null ? '' : `${thread.channel} ${thread.ts}`;

  useEffect(() => {
    if (key !== '') panel.current?.querySelector('textarea')?.focus();
  }, [key]);

  if (thread === null) return null;
  const messages = conversation(state, thread.channel, thread.ts);
  const replies = messages.length - 1;
  const channel = state.channels.get(thread.channel);
  const partner = channel?.partner;
  const where = channel?.kind === 'im' ? nameOf(state, partner ?? '') : `#${channel?.name ?? ''}`;
  return (
    <aside
      ref={panel}
      class="thread"
      aria-label="Thread"
      data-testid="thread"
      data-conversation
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) workspace.closeThread();
      }}
    >
      <header class="head">
        <h2 class="head-title">
          Thread <span class="head-sub">{where}</span>
        </h2>
        <div class="head-tools">
          <button
            type="button"
            class="icon-button"
            aria-label="Close thread"
            title="Close (Esc)"
            data-testid="close-thread"
            onClick={workspace.closeThread}
          >
            <Icon name="close" />
          </button>
        </div>
      </header>
      <MessageList
        label="Thread"
        place={`${state.me} ${key}`}
        messages={messages}
        inThread
        afterFirst={
          replies > 0 && (
            <div class="reply-count">
              <span>{replies === 1 ? '1 reply' : `${replies} replies`}</span>
            </div>
          )
        }
      />
      <Composer
        key={`${state.me} ${key}`}
        channel={thread.channel}
        threadTs={thread.ts}
        placeholder="Reply…"
      />
    </aside>
  );
}
