import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { Avatar } from '../controls/avatar.tsx';
import { Icon } from '../controls/icons.tsx';
import { useWorkspace, useWorkspaceState } from '../state/use-workspace.ts';
import { Emoji } from '../text/rich-view.tsx';
import { type Completion, commandBeingTyped, completionAt } from './completion.ts';
import { toMrkdwn, toTyped } from './encode.ts';
import { ComposerTools } from './tools.tsx';

interface Props {
  readonly channel: string;
  readonly threadTs?: string;
  readonly placeholder?: string;
  readonly editing?: PageMessage;
  readonly onDone?: () => void;
}

/** Unsent text by place, kept while one looks elsewhere. */
const drafts = new Map<string, string>();

export function Composer({ channel, threadTs, placeholder, editing, onDone }: Props) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const place = `${state.me} ${channel} ${threadTs ?? ''}`;
  const [text, setText] = useState(
    editing === undefined ? (drafts.get(place) ?? '') : toTyped(editing.text, state),
  );
  const [caret, setCaret] = useState(text.length);
  const [active, setActive] = useState(0);
  const [closed, setClosed] = useState(false);
  const [also, setAlso] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const base = useId();
  const busy = [...state.busy].some((key) => key.startsWith(`say ${channel} ${threadTs ?? ''} `));
  const command = threadTs === undefined ? commandBeingTyped(text, state) : undefined;
  // Commands are not for threads.
  const quiet = closed || (threadTs !== undefined && text.startsWith('/'));
  const completion = quiet ? undefined : completionAt(text, caret, state, channel);

  const write = (next: string, at = next.length) => {
    setText(next);
    setCaret(at);
    setActive(0);
    setClosed(false);
    if (editing === undefined) drafts.set(place, next);
  };

  useEffect(() => {
    if (editing === undefined) {
      if (isIdle() && threadTs === undefined) area.current?.focus();
      return;
    }
    area.current?.focus();
    area.current?.setSelectionRange(text.length, text.length);
  }, []);

  useLayoutEffect(() => {
    const box = area.current;
    if (box === null) return;
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 260)}px`;
  }, [text]);

  /** Puts text in place of a part, with the caret behind it. */
  const insert = (piece: string, from: number, to: number, selectTo = from + piece.length) => {
    const next = text.slice(0, from) + piece + text.slice(to);
    const box = area.current;
    if (box !== null) {
      // At once, not with the next drawing: whoever types fast is typing already.
      box.value = next;
      box.focus();
      box.setSelectionRange(selectTo, selectTo);
    }
    write(next, selectTo);
  };

  const accept = (from: Completion, at: number) => {
    const item = from.items[at];
    if (item !== undefined) insert(item.insert, from.from, caret);
  };

  const send = async () => {
    const typed = text.trim();
    if (typed === '') return;
    const encoded = toMrkdwn(typed, state);
    if (editing !== undefined) {
      if (encoded === editing.text || (await workspace.edit(editing, encoded))) onDone?.();
      return;
    }
    write('');
    const sent = await workspace.say(channel, encoded, typed, threadTs, also);
    if (!sent && (drafts.get(place) ?? '') === '') write(typed);
    if (sent) setAlso(false);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (completion !== undefined) {
      const count = completion.items.length;
      const handled =
        ['ArrowDown', 'ArrowUp', 'Enter', 'Tab', 'Escape'].includes(event.key) && !event.shiftKey;
      if (handled) {
        event.preventDefault();
        event.stopPropagation();
        if (event.key === 'ArrowDown') setActive((active + 1) % count);
        else if (event.key === 'ArrowUp') setActive((active - 1 + count) % count);
        else if (event.key === 'Escape') setClosed(true);
        else accept(completion, active);
        return;
      }
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' && onDone !== undefined) {
      event.stopPropagation();
      onDone();
    } else if (event.key === 'ArrowUp' && text === '' && editing === undefined) {
      const scope = area.current?.closest('[data-conversation]');
      const own = [...(scope?.querySelectorAll<HTMLElement>('[data-editable=true]') ?? [])].at(-1);
      if (own === undefined) return;
      event.preventDefault();
      own.focus();
      own.dispatchEvent(new KeyboardEvent('keydown', { key: 'e' }));
    } else if ((event.ctrlKey || event.metaKey) && (event.key === 'b' || event.key === 'i')) {
      event.preventDefault();
      wrap(event.key === 'b' ? '*' : '_');
    }
  };

  const wrap = (marker: string) => {
    const box = area.current;
    if (box === null) return;
    const [from, to] = [box.selectionStart, box.selectionEnd];
    const inside = text.slice(from, to);
    insert(`${marker}${inside}${marker}`, from, to, from + marker.length + inside.length);
  };

  const testId =
    editing !== undefined ? 'edit-composer' : threadTs !== undefined ? 'thread-composer' : 'composer';
  return (
    <div class={editing === undefined ? 'composer' : 'composer editing'}>
      {completion !== undefined && (
        <div
          class="completion"
          role="listbox"
          id={`${base}-list`}
          aria-label={completion.title}
          tabIndex={-1}
        >
          <div class="menu-heading">{completion.title}</div>
          {completion.items.map((item, at) => (
            <div
              key={item.key}
              id={`${base}-${at}`}
              class="listbox-option"
              role="option"
              tabIndex={-1}
              aria-selected={at === active}
              data-active={at === active}
              data-testid="completion"
              data-value={item.key}
              onPointerMove={() => at !== active && setActive(at)}
              onPointerDown={(event) => {
                event.preventDefault();
                accept(completion, at);
              }}
            >
              {item.user !== undefined && <Avatar user={item.user} size="small" />}
              {item.emoji !== undefined && <Emoji name={item.emoji} />}
              <span class="menu-text inline">
                <span class="menu-label">{item.label}</span>
                {item.usage !== undefined && <code class="menu-usage">{item.usage}</code>}
                <span class="menu-detail">{item.detail}</span>
              </span>
            </div>
          ))}
          <div class="completion-keys" aria-hidden="true">
            <kbd>↑</kbd> <kbd>↓</kbd> to choose, <kbd>Enter</kbd> to take, <kbd>Esc</kbd> to leave
          </div>
        </div>
      )}
      {completion === undefined && command !== undefined && (
        <div class="usage" data-testid="usage">
          <code>
            {command.command} {command.usageHint}
          </code>
          <span>{command.description}</span>
        </div>
      )}
      <div class="composer-box">
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={placeholder ?? 'Write a message'}
          aria-label={placeholder ?? 'Edit the message'}
          aria-autocomplete="list"
          aria-controls={completion === undefined ? undefined : `${base}-list`}
          aria-activedescendant={completion === undefined ? undefined : `${base}-${active}`}
          data-testid={testId}
          onInput={(event) => write(event.currentTarget.value, event.currentTarget.selectionStart)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <ComposerTools
            full={editing === undefined}
            threaded={threadTs !== undefined}
            onWrap={wrap}
            onInsert={(piece) => {
              const at = area.current?.selectionStart ?? text.length;
              const lead = at > 0 && !/\s$/.test(text.slice(0, at)) ? ' ' : '';
              insert(lead + piece, at, at);
            }}
          />
          {editing === undefined ? (
            <button
              type="button"
              class="send"
              aria-label={busy ? 'Sending' : 'Send'}
              title="Send (Enter)"
              aria-busy={busy}
              data-testid="send"
              disabled={text.trim() === '' && !busy}
              onClick={() => void send()}
            >
              {busy ? <span class="spinner" /> : <Icon name="send" />}
            </button>
          ) : (
            <span class="edit-buttons">
              <button type="button" class="button plain small" onClick={onDone}>
                Cancel
              </button>
              <button
                type="button"
                class="button primary small"
                data-testid="save"
                onClick={() => void send()}
              >
                Save
              </button>
            </span>
          )}
        </div>
      </div>
      {threadTs !== undefined && editing === undefined && (
        <label class="also">
          <input type="checkbox" checked={also} onChange={(event) => setAlso(event.currentTarget.checked)} />
          Also send to {channelWords(state.channels.get(channel)?.name)}
        </label>
      )}
    </div>
  );
}

function channelWords(name: string | undefined): string {
  return name === undefined ? 'the channel' : `#${name}`;
}

/** Nobody is busy elsewhere, and no keyboard of glass would come up. */
function isIdle(): boolean {
  const focused = document.activeElement;
  const elsewhere = focused !== null && focused !== document.body && focused.closest('.sidebar') === null;
  return !elsewhere && window.matchMedia('(hover: hover)').matches;
}
