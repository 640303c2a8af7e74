import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly align?: 'start' | 'end';
  /** At least as wide as the anchor. */
  readonly stretch?: boolean;
  readonly prefer?: 'above' | 'below';
}

const gap = 4;
const edge = 8;

/**
 * A layer above everything (modals too), beside its anchor, gone at Escape or a click elsewhere.
 * What is inside gets the focus where it has `data-first`.
 */
export function Floating(props: Props) {
  const { anchor, onClose, align = 'start', stretch = false, prefer = 'below' } = props;
  const layer = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const box = layer.current;
    if (box === null) return;
    if (!box.matches(':popover-open')) {
      box.showPopover();
      box.querySelector<HTMLElement>('[data-first]')?.focus();
    }
    const place = () => {
      if (anchor.current === null) return;
      const at = anchor.current.getBoundingClientRect();
      if (stretch) box.style.minWidth = `${at.width}px`;
      box.style.maxHeight = '';
      const { width, height } = box.getBoundingClientRect();
      const below = window.innerHeight - at.bottom - gap - edge;
      const above = at.top - gap - edge;
      const down = prefer === 'below' ? height <= below || below >= above : height > above && below > above;
      const room = Math.max(down ? below : above, 120);
      box.style.maxHeight = `${room}px`;
      const left = align === 'end' ? at.right - width : at.left;
      box.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - width - edge))}px`;
      box.style.top = `${down ? at.bottom + gap : Math.max(edge, at.top - gap - Math.min(height, room))}px`;
    };
    place();
    const sized = new ResizeObserver(place);
    sized.observe(box);
    window.addEventListener('resize', place);
    window.addEventListener('scroll', place, true);
    return () => {
      sized.disconnect();
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', place, true);
    };
  }, [anchor, align, stretch, prefer]);

  useLayoutEffect(() => {
    const elsewhere = (event: PointerEvent) => {
      const target = event.target as Node;
      if (layer.current?.contains(target) || anchor.current?.contains(target)) return;
      onClose();
    };
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      onClose();
    };
    document.addEventListener('pointerdown', elsewhere, true);
    document.addEventListener('keydown', onEscape, true);
    return () => {
      document.removeEventListener('pointerdown', elsewhere, true);
      document.removeEventListener('keydown', onEscape, true);
    };
  }, [anchor, onClose]);

  return (
    <div ref={layer} popover="manual" class={`floating ${props.class ?? ''}`}>
      {props.children}
    </div>
  );
}
