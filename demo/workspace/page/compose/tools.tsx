import { useRef, useState } from 'preact/hooks';
import { EmojiPicker } from '../controls/emoji-picker.tsx';
import { Floating } from '../controls/floating.tsx';
import { Icon } from '../controls/icons.tsx';
import { MenuButton } from '../controls/menu.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

interface Props {
  /** Not while editing. */
  readonly full: boolean;
  readonly threaded: boolean;
  readonly onWrap: (marker: string) => void;
  readonly onInsert: (text: string) => void;
}

const markers = [
  { marker: '*', icon: 'bold', label: 'Bold (Ctrl+B)' },
  { marker: '_', icon: 'italic', label: 'Italic (Ctrl+I)' },
  { marker: '~', icon: 'strike', label: 'Strike through' },
  { marker: '`', icon: 'code', label: 'Code' },
] as const;

/** The row under the text: shortcuts, formatting, emoji, mention. */
export function ComposerTools({ full, threaded, onWrap, onInsert }: Props) {
  const workspace = useWorkspace();
  const { app } = useWorkspaceState();
  const [picking, setPicking] = useState(false);
  const picker = useRef<HTMLButtonElement>(null);
  const shortcuts = app?.globalShortcuts ?? [];
  return (
    <div class="composer-tools" role="toolbar" aria-label="Formatting">
      {full && !threaded && app !== null && (
        <MenuButton
          label="Shortcuts and commands"
          prefer="above"
          testId="shortcuts"
          class="icon-button round"
          items={[
            ...shortcuts.map((shortcut) => ({
              key: shortcut.callbackId,
              label: shortcut.name,
              detail: shortcut.description || app.name,
              icon: 'bolt' as const,
              onSelect: () => void workspace.shortcut(shortcut.callbackId),
            })),
            ...app.commands.map((command) => ({
              key: command.command,
              label: command.command,
              detail: command.description,
              icon: 'code' as const,
              onSelect: () => onInsert(`${command.command} `),
            })),
          ]}
        >
          <Icon name="plus" />
        </MenuButton>
      )}
      {markers.map(({ marker, icon, label }) => (
        <button
          key={marker}
          type="button"
          class="icon-button format"
          title={label}
          aria-label={label}
          onClick={() => onWrap(marker)}
        >
          <Icon name={icon} />
        </button>
      ))}
      <button
        ref={picker}
        type="button"
        class="icon-button"
        title="Emoji"
        aria-label="Emoji"
        onClick={() => setPicking(!picking)}
      >
        <Icon name="smile" />
      </button>
      {picking && (
        <Floating anchor={picker} onClose={() => setPicking(false)} prefer="above">
          <EmojiPicker
            onPick={(name) => {
              setPicking(false);
              onInsert(`:${name}: `);
            }}
          />
        </Floating>
      )}
      <button
        type="button"
        class="icon-button"
        title="Mention somebody"
        aria-label="Mention somebody"
        onClick={() => onInsert('@')}
      >
        <Icon name="at" />
      </button>
    </div>
  );
}
