import { useRef, useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { EmojiPicker } from '../controls/emoji-picker.tsx';
import { Floating } from '../controls/floating.tsx';
import { Icon } from '../controls/icons.tsx';
import { MenuButton, type MenuItem } from '../controls/menu.tsx';
import { plainLine } from '../state/plain-line.ts';
import { isNotice } from '../state/state.ts';
import { useDirectory, useWorkspace } from '../state/use-workspace.ts';
import { Emoji } from '../text/rich-view.tsx';

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
  const picker = useRef<HTMLButtonElement>(null);
  if (message.ephemeralTo !== undefined || isNotice(message)) return null;
  const mine = message.user === state.me;
  const app = state.app;

  const items: MenuItem[] = [
    ...(app?.messageShortcuts ?? []).map(
      (shortcut): MenuItem => ({
        key: shortcut.callbackId,
        label: shortcut.name,
        detail: app?.name,
        icon: 'bolt',
        onSelect: () => void workspace.messageShortcut(shortcut.callbackId, message),
      }),
    ),
    {
      key: 'copy',
      label: 'Copy text',
      icon: 'file',
      onSelect: () => void navigator.clipboard?.writeText(plainLine(state, message.text)),
    },
  ];
  if (mine) {
    items.push(
      { key: 'edit', label: 'Edit message', icon: 'edit', onSelect: onEdit },
      {
        key: 'delete',
        label: 'Delete message…',
        icon: 'trash',
        danger: true,
        onSelect: () => void remove(),
      },
    );
  }

  async function remove() {
    const sure = await workspace.question({
      title: { type: 'plain_text', text: 'Delete message' },
      text: { type: 'plain_text', text: 'It will be gone for everybody. This cannot be undone.' },
      confirm: { type: 'plain_text', text: 'Delete' },
      deny: { type: 'plain_text', text: 'Keep' },
      style: 'danger',
    });
    if (sure) await workspace.remove(message);
  }

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
        <button
          ref={picker}
          type="button"
          class="icon-button"
          title="Add a reaction"
          aria-label="Add a reaction"
          onClick={() => setPicking(!picking)}
        >
          <Icon name="smile" />
        </button>
        {picking && (
          <Floating anchor={picker} onClose={() => setPicking(false)} align="end">
            <EmojiPicker
              onPick={(name) => {
                setPicking(false);
                react(name);
              }}
            />
          </Floating>
        )}
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
        <MenuButton label="More actions" align="end" items={items} testId="message-more">
          <Icon name="more" />
        </MenuButton>
      </div>
    </div>
  );
}
