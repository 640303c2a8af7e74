import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

export interface Choice {
  readonly key: string;
  /** What typing is matched against. */
  readonly name: string;
  readonly label: ComponentChildren;
  readonly detail?: ComponentChildren;
  readonly group?: string | undefined;
}

export interface ListboxProps {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly multiple?: boolean;
  /** Choices come from elsewhere, for what is typed. */
  readonly onType?: (typed: string) => void;
}

interface Props extends ListboxProps {
  readonly listId: string;
  readonly onPick: (key: string) => void;
  readonly onClose: () => void;
}

/** What was typed, which choices that leaves, and which of them the keys are at. */
function useFilter({ choices, chosen, onType, onPick, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      choices.findIndex((choice) => choice.key === chosen[0]),
    ),
  );
  const wanted = typed.trim().toLowerCase();
  const found =
    onType !== undefined ? choices : choices.filter((choice) => choice.name.toLowerCase().includes(wanted));

  useEffect(() => {
    onType?.('');
  }, []);

  const type = (text: string) => {
    setTyped(text);
    setActive(0);
    onType?.(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else if (event.key === 'Enter') {
      const choice = found[active];
      if (choice !== undefined) onPick(choice.key);
    } else if (event.key === 'Tab') return onClose();
    else return;
    event.preventDefault();
  };
  return { typed, active, setActive, found, type, onKeyDown };
}

/** The choices of a select, below a field that filters them. */
export function Listbox(props: Props) {
  const { typed, active, setActive, found, type, onKeyDown } = useFilter(props);
  const list = useRef<HTMLDivElement>(null);
  const base = useId();

  useEffect(() => {
    list.current?.querySelector('[data-active=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  return (
    <div class="listbox-frame">
      <input
        data-first
        class="listbox-filter"
        type="text"
        placeholder="Type to filter"
        aria-label={`Filter ${props.label}`}
        role="combobox"
        aria-expanded="true"
        aria-controls={props.listId}
        aria-activedescendant={found[active] === undefined ? undefined : `${base}-${active}`}
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={props.listId}
        class="listbox"
        role="listbox"
        tabIndex={-1}
        aria-label={props.label}
        aria-multiselectable={props.multiple ?? false}
      >
        {found.map((choice, at) => (
          <Option
            choice={choice}
            id={`${base}-${at}`}
            heading={choice.group === found[at - 1]?.group ? undefined : choice.group}
            selected={props.chosen.includes(choice.key)}
            active={at === active}
            onPoint={() => setActive(at)}
            onPick={() => props.onPick(choice.key)}
            onKeyDown={onKeyDown}
          />
        ))}
        {found.length === 0 && <div class="listbox-none">Nothing matches</div>}
      </div>
    </div>
  );
}

interface OptionProps {
  readonly choice: Choice;
  readonly id: string;
  /** Name of the group that begins with this option. */
  readonly heading: string | undefined;
  readonly selected: boolean;
  readonly active: boolean;
  readonly onPoint: () => void;
  readonly onPick: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Option({ choice, id, heading, selected, active, onPoint, onPick, onKeyDown }: OptionProps) {
  return (
    <>
      {heading !== undefined && (
        <div class="listbox-group" role="presentation">
          {heading}
        </div>
      )}
      <div
        key={choice.key}
        id={id}
        class="listbox-option"
        role="option"
        tabIndex={-1}
        aria-selected={selected}
        data-active={active}
        data-testid="option"
        data-value={choice.key}
        onPointerMove={() => !active && onPoint()}
        onClick={onPick}
        onKeyDown={onKeyDown}
      >
        <span class="menu-text">
          <span class="menu-label">{choice.label}</span>
          {choice.detail !== undefined && <span class="menu-detail">{choice.detail}</span>}
        </span>
        {selected && <Icon name="check" />}
      </div>
    </>
  );
}
