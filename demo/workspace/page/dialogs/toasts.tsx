import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../controls/icons.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

/** What went wrong, in a corner, over modals too. */
export function Toasts() {
  const workspace = useWorkspace();
  const { toasts } = useWorkspaceState();
  const layer = useRef<HTMLDivElement>(null);
  // Shown anew for each one, for a modal opened meanwhile would lie above.
  useLayoutEffect(() => {
    const box = layer.current;
    if (box === null) return;
    if (box.matches(':popover-open')) box.hidePopover();
    if (toasts.length > 0) box.showPopover();
  }, [toasts]);
  return (
    <div ref={layer} popover="manual" class="toasts" role="status" aria-live="assertive">
      {toasts.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`} data-testid="toast">
          <Icon name={toast.kind === 'error' ? 'warn' : 'info'} />
          <span>{toast.text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => workspace.dropToast(toast.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
