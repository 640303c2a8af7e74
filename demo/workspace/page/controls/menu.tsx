import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Floating } from './floating.tsx';
import { Icon, type IconName } from './icons.tsx';

export interface MenuItem {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly detail?: ComponentChildren;
  readonly icon?: IconName;
  readonly lead?: ComponentChildren;
  readonly danger?: boolean;
  readonly checked?: boolean;
  readonly onSelect: () => void;
}

interface Props {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly heading?: string;
  readonly align?: 'start' | 'end';
  readonly prefer?: 'above' | 'below';
  readonly testId?: string;
  readonly actionId?: string | undefined;
  readonly busy?: boolean;
}

/** A button that opens a menu: arrows move, Enter chooses, letters jump, Escape gives the focus back. */
export function MenuButton(props: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (refocus: boolean) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.class ?? 'icon-button'}
        aria-label={props.label}
        title={props.label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-busy={props.busy ?? false}
        data-testid={props.testId}
        data-action-id={props.actionId}
        onClick={() => setOpen(!open)}
      >
        {props.children}
      </button>
      {open && (
        <Floating
          anchor={button}
          onClose={() => close(true)}
          align={props.align ?? 'start'}
          prefer={props.prefer ?? 'below'}
        >
          <MenuList
            label={props.label}
            heading={props.heading}
            items={props.items}
            onDone={() => close(true)}
          />
        </Floating>
      )}
    </>
  );
}

interface ListProps {
  readonly label: string;
  readonly heading?: string | undefined;
  readonly items: readonly MenuItem[];
  readonly onDone: () => void;
}

function MenuList({ label, heading, items, onDone }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  const options = () => [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  const checked = items.findIndex((item) => item.checked === true);
  const first = Math.max(0, checked);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = options();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const move = (to: number) => {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    };
    if (event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'ArrowUp') move(at - 1);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(all.length - 1);
    else if (event.key === 'Tab') onDone();
    else if (event.key.length === 1 && event.key !== ' ') {
      const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      order
        .find((item) => item.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()))
        ?.focus();
    }
  };
  return (
    <div ref={list} class="menu" role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
      {heading !== undefined && <div class="menu-heading">{heading}</div>}
      {items.map((item, at) => (
        <button
          key={item.key}
          type="button"
          role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
          {...(item.checked === undefined ? {} : { 'aria-checked': item.checked })}
          class={item.danger ? 'menu-item danger' : 'menu-item'}
          tabIndex={-1}
          data-testid="menu-item"
          data-key={item.key}
          data-first={first === at ? true : undefined}
          onClick={() => {
            onDone();
            item.onSelect();
          }}
        >
          {item.lead}
          {item.icon !== undefined && <Icon name={item.icon} />}
          <span class="menu-text">
            <span class="menu-label">{item.label}</span>
            {item.detail !== undefined && <span class="menu-detail">{item.detail}</span>}
          </span>
          {item.checked && <Icon name="check" />}
        </button>
      ))}
    </div>
  );
}
