import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { PageView } from '../../protocol/views.ts';
import { HostedBlocks } from '../blocks/hosted.tsx';
import { elementsOf, stateOf } from '../blocks/values.ts';
import { Icon } from '../controls/icons.tsx';
import { channelInView } from '../state/state.ts';
import { PlainText } from '../text/text.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';
import { Toasts } from './toasts.tsx';

/** The modal on top of the stack. A <dialog>, so the focus stays inside and the rest is out of reach. */
export function Modal() {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const view = state.views.at(-1);
  const open = view !== undefined;
  const dialog = useRef<HTMLDialogElement>(null);

  useLayoutEffect(() => {
    if (!open) return;
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [open]);

  // The browser may close a dialog on its own; while there is a view, it is open.
  useLayoutEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal();
  });

  if (view === undefined) return null;
  const close = () => void workspace.close(view.id, false);
  return (
    <dialog
      ref={dialog}
      class="modal"
      aria-labelledby="modal-title"
      data-testid="modal"
      data-callback-id={view.callbackId}
      data-view-id={view.id}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        close();
      }}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClose={close}
    >
      <ModalView key={view.id} view={view} />
      <Toasts />
    </dialog>
  );
}

function ModalView({ view }: { readonly view: PageView }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const form = useRef<HTMLFormElement>(null);
  const app = state.app;
  const stacked = state.views.length > 1;
  const errors = state.viewErrors[view.id];
  const submitting = state.busy.has(`submit ${view.id}`);
  const blockIds = new Set(view.blocks.map((block) => block.block_id));
  const homeless = Object.entries(errors ?? {}).filter(([blockId]) => !blockIds.has(blockId));

  const close = () => void workspace.close(view.id, false);
  const submit = () =>
    void workspace.submit(
      view.id,
      stateOf(view.blocks, workspace.state().inputs[view.id] ?? {}, channelInView(state)),
    );

  // A view without inputs gives the focus to its foremost button.
  useEffect(() => {
    const inputs = elementsOf(view.blocks).some(({ element }) =>
      /_input$|select$|picker$/.test(element.type),
    );
    if (!inputs) form.current?.querySelector<HTMLElement>('.modal-foot button:last-of-type')?.focus();
  }, [view.id]);

  // The first error is brought into view.
  useEffect(() => {
    if (errors === undefined) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    wrong?.focus();
  }, [errors]);

  return (
    <form
      ref={form}
      class="modal-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (view.submit !== undefined) submit();
      }}
    >
      <header class="modal-head">
        {stacked ? (
          <button
            type="button"
            class="icon-button"
            aria-label="Back"
            data-testid="modal-back"
            onClick={close}
          >
            <Icon name="back" />
          </button>
        ) : (
          <span class="modal-app" style={{ '--who': app?.color ?? 'var(--accent)' }} aria-hidden="true">
            <Icon name="bolt" />
          </span>
        )}
        <h2 id="modal-title">
          <PlainText text={view.title ?? { text: '' }} />
        </h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close"
          data-testid="modal-x"
          onClick={() => void workspace.close(view.id, true)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="modal-body">
        {homeless.map(([blockId, text]) => (
          <p key={blockId} class="input-error" role="alert" data-testid="input-error">
            <Icon name="warn" /> {text}
          </p>
        ))}
        <HostedBlocks surface="modal" container={{ type: 'view', viewId: view.id }} blocks={view.blocks} />
      </div>
      <footer class="modal-foot">
        <span class="modal-by">{app?.name}</span>
        <button type="button" class="button plain" data-testid="modal-close" onClick={close}>
          <PlainText text={view.close ?? { text: view.submit === undefined ? 'Close' : 'Cancel' }} />
        </button>
        {view.submit !== undefined && (
          <button type="submit" class="button primary" aria-busy={submitting} data-testid="modal-submit">
            <PlainText text={view.submit} />
            {submitting && <span class="spinner" />}
          </button>
        )}
      </footer>
    </form>
  );
}
