import { useRef, useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { EmojiPicker } from '../controls/emoji-picker.tsx';
import { Floating } from '../controls/floating.tsx';
import { Icon } from '../controls/icons.tsx';
import { MenuButton, type MenuItem } from '../controls/menu.tsx';
import { plainLine } from '../state/plain-line.ts';
import { type Directory, isNotice } from '../state/state.ts';
import { Emoji } from '../text/emoji.tsx';
import { useDirectory, useWorkspace } from '../workspace/use-workspace.ts';
import type { Workspace } from '../workspace/workspace.ts';

const quick = ['white_check_mark', 'eyes', 'tada'];

interface Props {
  readonly message: PageMessage;
  readonly inThread: boolean;
  readonly onEdit: () => void;
}

/** The bar that appears over a message: react, reply, the app's shortcuts, edit, delete. */
export function MessageActions({ message, inThread, onEdit }: Props) {
  const workspace = useWorkspace();
  const state = useDirectory();
  const [picking, setPicking] = useState(false);
  if (message.ephemeralTo !== undefined || isNotice(message)) return null;

  const react = (name: string) => {
    const before = message.reactions?.find((reaction) => reaction.name === name);
    void workspace.react(message, name, !(before?.users.includes(state.me) ?? false));
  };

  return (
    <div class="message-rail">
      <div
        class={picking ? 'message-actions held' : 'message-actions'}
        role="toolbar"
        aria-label="Message actions"
      >
        {quick.map((name) => (
          <button
            key={name}
            type="button"
            class="icon-button quick"
            title={`React with :${name}:`}
            aria-label={`React with ${name.replaceAll('_', ' ')}`}
            onClick={() => react(name)}
          >
            <Emoji name={name} />
          </button>
        ))}
        <ReactionPicker open={picking} onOpen={setPicking} onPick={react} />
        {!inThread && (
          <button
            type="button"
            class="icon-button"
            title="Reply in thread"
            aria-label="Reply in thread"
            data-testid="reply"
            onClick={() => workspace.openThread(message.channel, message.threadTs ?? message.ts)}
          >
            <Icon name="reply" />
          </button>
        )}
        <MenuButton
          label="More actions"
          align="end"
          items={menuOf(message, state, workspace, onEdit)}
          testId="message-more"
        >
          <Icon name="more" />
        </MenuButton>
      </div>
    </div>
  );
}

interface PickerProps {
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onPick: (name: string) => void;
}

function ReactionPicker({ open, onOpen, onPick }: PickerProps) {
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-button"
        title="Add a reaction"
        aria-label="Add a reaction"
        onClick={() => onOpen(!open)}
      >
        <Icon name="smile" />
      </button>
      {open && (
        <Floating anchor={button} onClose={() => onOpen(false)} align="end">
          <EmojiPicker
            onPick={(name) => {
              onOpen(false);
              onPick(name);
            }}
          />
        </Floating>
      )}
    </>
  );
}

/** The app's shortcuts, and what one may do with one's own message. */
function menuOf(
  message: PageMessage,
  state: Directory,
  workspace: Workspace,
  onEdit: () => void,
): readonly MenuItem[] {
  const { app } = state;
  const shortcuts = (app?.messageShortcuts ?? []).map(
    (shortcut): MenuItem => ({
      key: shortcut.callbackId,
      label: shortcut.name,
      detail: app?.name,
      icon: 'bolt',
      onSelect: () => void workspace.messageShortcut(shortcut.callbackId, message),
    }),
  );
  const copy: MenuItem = {
    key: 'copy',
    label: 'Copy text',
    icon: 'file',
    onSelect: () => void navigator.clipboard?.writeText(plainLine(state, message.text)),
  };
  const own: MenuItem[] = [
    { key: 'edit', label: 'Edit message', icon: 'edit', onSelect: onEdit },
    {
      key: 'delete',
      label: 'Delete message…',
      icon: 'trash',
      danger: true,
      onSelect: () => void remove(message, workspace),
    },
  ];
  return [...shortcuts, copy, ...(message.user === state.me ? own : [])];
}

async function remove(message: PageMessage, workspace: Workspace): Promise<void> {
  const sure = await workspace.question({
    title: { type: 'plain_text', text: 'Delete message' },
    text: { type: 'plain_text', text: 'It will be gone for everybody. This cannot be undone.' },
    confirm: { type: 'plain_text', text: 'Delete' },
    deny: { type: 'plain_text', text: 'Keep' },
    style: 'danger',
  });
  if (sure) await workspace.remove(message);
}
