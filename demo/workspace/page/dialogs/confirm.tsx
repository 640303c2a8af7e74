import { useLayoutEffect, useRef } from 'preact/hooks';
import { PlainText, Text } from '../text/text.tsx';
import { useWorkspaceState } from '../workspace/use-workspace.ts';

/** "Are you sure?", asked over everything else. Escape means no. */
export function ConfirmDialog() {
  const { question } = useWorkspaceState();
  const dialog = useRef<HTMLDialogElement>(null);
  const yes = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (question === null) return;
    const before = document.activeElement;
    dialog.current?.showModal();
    yes.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [question]);
  if (question === null) return null;
  const { confirm, answer } = question;
  return (
    <dialog
      ref={dialog}
      class="modal confirm"
      aria-labelledby="confirm-title"
      data-testid="confirm"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        answer(false);
      }}
      onClose={() => answer(false)}
      onCancel={(event) => {
        event.preventDefault();
        answer(false);
      }}
    >
      <h2 id="confirm-title">
        <PlainText text={confirm.title ?? { text: 'Are you sure?' }} />
      </h2>
      <div class="confirm-text">
        <Text text={confirm.text} />
      </div>
      <footer class="modal-foot">
        <button type="button" class="button plain" data-testid="confirm-no" onClick={() => answer(false)}>
          <PlainText text={confirm.deny ?? { text: 'Cancel' }} />
        </button>
        <button
          ref={yes}
          type="button"
          class={`button ${confirm.style === 'danger' ? 'danger filled' : 'primary'}`}
          data-testid="confirm-yes"
          onClick={() => answer(true)}
        >
          <PlainText text={confirm.confirm ?? { text: 'Yes' }} />
        </button>
      </footer>
    </dialog>
  );
}
