import { Icon } from '../controls/icons.tsx';

interface SendProps {
  readonly busy: boolean;
  readonly empty: boolean;
  readonly onSend: () => void;
}

export function SendButton({ busy, empty, onSend }: SendProps) {
  return (
    <button
      type="button"
      class="send"
      aria-label={busy ? 'Sending' : 'Send'}
      title="Send (Enter)"
      aria-busy={busy}
      data-testid="send"
      disabled={empty && !busy}
      onClick={onSend}
    >
      {busy ? <span class="spinner" /> : <Icon name="send" />}
    </button>
  );
}

interface EditProps {
  readonly onCancel: (() => void) | undefined;
  readonly onSave: () => void;
}

export function EditButtons({ onCancel, onSave }: EditProps) {
  return (
    <span class="edit-buttons">
      <button type="button" class="button plain small" onClick={onCancel}>
        Cancel
      </button>
      <button type="button" class="button primary small" data-testid="save" onClick={onSave}>
        Save
      </button>
    </span>
  );
}
