import { useId, useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';
import { EditButtons, SendButton } from './buttons.tsx';
import { commandBeingTyped, completionAt } from './completion.ts';
import { CompletionList, Usage } from './completion-list.tsx';
import { type Draft, useDraft } from './draft.ts';
import { toMrkdwn, toTyped } from './encode.ts';
import { completionKey, fieldKey } from './keys.ts';
import { ComposerTools } from './tools.tsx';

interface Props {
  readonly channel: string;
  readonly threadTs?: string;
  readonly placeholder?: string;
  readonly editing?: PageMessage;
  readonly onDone?: () => void;
}

/** Where one writes a message, a reply or a command, or changes a message. */
export function Composer(props: Props) {
  const { channel, threadTs, placeholder, editing } = props;
  const state = useWorkspaceState();
  const [also, setAlso] = useState(false);
  const id = useId();
  const completing = useCompleting();
  const draft = useDraft({
    place: editing === undefined ? `${state.me} ${channel} ${threadTs ?? ''}` : undefined,
    initial: editing === undefined ? '' : toTyped(editing.text, state),
    focus: editing !== undefined ? 'always' : threadTs === undefined ? 'when-idle' : 'never',
    onWrite: completing.begin,
  });
  const { text, caret } = draft;
  const { active } = completing;
  const busy = [...state.busy].some((key) => key.startsWith(`say ${channel} ${threadTs ?? ''} `));
  const command = threadTs === undefined ? commandBeingTyped(text, state) : undefined;
  // Commands are not for threads.
  const quiet = completing.left || (threadTs !== undefined && text.startsWith('/'));
  const completion = quiet ? undefined : completionAt(text, caret, state, channel);
  const send = useSend(props, draft, also, () => setAlso(false));

  const accept = (at: number) => {
    const item = completion?.items[at];
    if (completion !== undefined && item !== undefined) draft.insert(item.insert, completion.from, caret);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const count = completion?.items.length ?? 0;
    const move = (step: number) => completing.point((active + step + count) % count);
    const listKeys = { move, pick: () => accept(active), leave: completing.leave };
    if (completion !== undefined && completionKey(event, listKeys)) return;
    const editLast = () => text === '' && editing === undefined && editLastOwn(draft.area.current);
    fieldKey(event, { send, leave: props.onDone, editLast, wrap: draft.wrap });
  };

  return (
    <div class={editing === undefined ? 'composer' : 'composer editing'}>
      {completion !== undefined && (
        <CompletionList
          completion={completion}
          id={id}
          active={active}
          onPoint={completing.point}
          onPick={accept}
        />
      )}
      {completion === undefined && command !== undefined && <Usage command={command} />}
      <div class="composer-box">
        <Field
          draft={draft}
          placeholder={placeholder}
          testId={testIdOf(props)}
          list={completion === undefined ? undefined : { id: `${id}-list`, active: `${id}-${active}` }}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <ComposerTools
            full={editing === undefined}
            threaded={threadTs !== undefined}
            onWrap={draft.wrap}
            onInsert={draft.insertWord}
          />
          {editing === undefined ? (
            <SendButton busy={busy} empty={text.trim() === ''} onSend={send} />
          ) : (
            <EditButtons onCancel={props.onDone} onSave={send} />
          )}
        </div>
      </div>
      {threadTs !== undefined && editing === undefined && (
        <AlsoToChannel name={state.channels.get(channel)?.name} checked={also} onChange={setAlso} />
      )}
    </div>
  );
}

/** Which completion the keys are at, and whether one has left the list; writing begins anew. */
function useCompleting() {
  const [active, setActive] = useState(0);
  const [left, setLeft] = useState(false);
  return {
    active,
    left,
    point: setActive,
    leave: () => setLeft(true),
    begin: () => {
      setActive(0);
      setLeft(false);
    },
  };
}

/** Sends what was written, or saves the edited message. What could not be sent comes back into an empty field. */
function useSend(
  { channel, threadTs, editing, onDone }: Props,
  draft: Draft,
  also: boolean,
  onSent: () => void,
) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const send = async () => {
    const typed = draft.text.trim();
    if (typed === '') return;
    const encoded = toMrkdwn(typed, state);
    if (editing !== undefined) {
      if (encoded === editing.text || (await workspace.edit(editing, encoded))) onDone?.();
      return;
    }
    draft.write('');
    const sent = await workspace.say(channel, encoded, typed, threadTs, also);
    if (!sent && draft.isEmpty()) draft.write(typed);
    if (sent) onSent();
  };
  return () => void send();
}

/** False when there is no own message in the conversation of the field. */
function editLastOwn(area: HTMLTextAreaElement | null): boolean {
  const scope = area?.closest('[data-conversation]');
  const own = [...(scope?.querySelectorAll<HTMLElement>('[data-editable=true]') ?? [])].at(-1);
  if (own === undefined) return false;
  own.focus();
  own.dispatchEvent(new KeyboardEvent('keydown', { key: 'e' }));
  return true;
}

function testIdOf({ editing, threadTs }: Props): string {
  if (editing !== undefined) return 'edit-composer';
  return threadTs !== undefined ? 'thread-composer' : 'composer';
}

interface FieldProps {
  readonly draft: Draft;
  readonly placeholder: string | undefined;
  readonly testId: string;
  /** Ids of the open list of completions and of the item that the keys are at. */
  readonly list: { readonly id: string; readonly active: string } | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Field({ draft, placeholder, testId, list, onKeyDown }: FieldProps) {
  return (
    <textarea
      ref={draft.area}
      rows={1}
      value={draft.text}
      placeholder={placeholder ?? 'Write a message'}
      aria-label={placeholder ?? 'Edit the message'}
      aria-autocomplete="list"
      aria-controls={list?.id}
      aria-activedescendant={list?.active}
      data-testid={testId}
      onInput={(event) => draft.write(event.currentTarget.value, event.currentTarget.selectionStart)}
      onSelect={(event) => draft.moveCaret(event.currentTarget.selectionStart)}
      onKeyDown={onKeyDown}
    />
  );
}

interface AlsoProps {
  readonly name: string | undefined;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** A reply may be shown in the channel too. */
function AlsoToChannel({ name, checked, onChange }: AlsoProps) {
  return (
    <label class="also">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      Also send to {name === undefined ? 'the channel' : `#${name}`}
    </label>
  );
}
