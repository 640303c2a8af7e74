import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Floating } from './floating.tsx';
import { Icon } from './icons.tsx';

export interface Choice {
  readonly key: string;
  /** What typing is matched against. */
  readonly name: string;
  readonly label: ComponentChildren;
  readonly detail?: ComponentChildren;
  readonly group?: string | undefined;
}

interface Props {
  readonly id?: string | undefined;
  readonly label: string;
  readonly placeholder: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly multiple?: boolean;
  readonly max?: number | undefined;
  readonly busy?: boolean;
  readonly invalid?: boolean;
  readonly describedBy?: string | undefined;
  readonly actionId?: string | undefined;
  readonly autoFocus?: boolean;
  /** Choices come from elsewhere, for what is typed. */
  readonly onType?: (typed: string) => void;
  readonly onChoose: (keys: readonly string[]) => void;
}

/** A select one can type into, for one or several of few or many choices. */
export function Select(props: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const chosen = props.chosen.map((key) => props.choices.find((choice) => choice.key === key));
  const labels = chosen.filter((choice) => choice !== undefined);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const pick = (key: string) => {
    if (props.multiple !== true) {
      close();
      if (props.chosen[0] !== key) props.onChoose([key]);
      return;
    }
    const without = props.chosen.filter((other) => other !== key);
    if (without.length < props.chosen.length) props.onChoose(without);
    else if (props.max === undefined || props.chosen.length < props.max)
      props.onChoose([...props.chosen, key]);
  };
  useEffect(() => {
    if (props.autoFocus) button.current?.focus();
  }, []);
  return (
    <>
      <button
        ref={button}
        id={props.id}
        type="button"
        class="select"
        role="combobox"
        aria-haspopup="listbox"
        aria-controls={`${props.id}-list`}
        aria-expanded={open}
        aria-label={props.label}
        aria-busy={props.busy ?? false}
        aria-invalid={props.invalid ?? false}
        aria-describedby={props.describedBy}
        data-testid="select"
        data-action-id={props.actionId}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        {labels.length === 0 ? (
          <span class="select-placeholder">{props.placeholder}</span>
        ) : props.multiple ? (
          <span class="select-chips">
            {labels.map((choice) => (
              <span key={choice.key} class="chip">
                {choice.label}
              </span>
            ))}
          </span>
        ) : (
          <span class="select-value">{labels[0]?.label}</span>
        )}
        {props.busy ? <span class="spinner" /> : <Icon name="down" />}
      </button>
      {open && (
        <Floating anchor={button} onClose={close} stretch>
          <Listbox {...props} listId={`${props.id}-list`} onPick={pick} onClose={close} />
        </Floating>
      )}
    </>
  );
}

interface ListProps extends Props {
  readonly listId: string;
  readonly onPick: (key: string) => void;
  readonly onClose: () => void;
}

function Listbox(props: ListProps) {
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      props.choices.findIndex((choice) => choice.key === props.chosen[0]),
    ),
  );
  const list = useRef<HTMLDivElement>(null);
  const base = useId();
  const found =
    props.onType !== undefined
      ? props.choices
      : props.choices.filter((choice) => choice.name.toLowerCase().includes(typed.trim().toLowerCase()));

  useEffect(() => {
    props.onType?.('');
  }, []);
  useEffect(() => {
    list.current?.querySelector('[data-active=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else if (event.key === 'Enter') {
      const choice = found[active];
      if (choice !== undefined) props.onPick(choice.key);
    } else if (event.key === 'Tab') return props.onClose();
    else return;
    event.preventDefault();
  };

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
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
          props.onType?.(event.currentTarget.value);
        }}
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
        {found.map((choice, at) => {
          const selected = props.chosen.includes(choice.key);
          return (
            <>
              {choice.group !== undefined && choice.group !== found[at - 1]?.group && (
                <div class="listbox-group" role="presentation">
                  {choice.group}
                </div>
              )}
              <div
                key={choice.key}
                id={`${base}-${at}`}
                class="listbox-option"
                role="option"
                tabIndex={-1}
                aria-selected={selected}
                data-active={at === active}
                data-testid="option"
                data-value={choice.key}
                onPointerMove={() => at !== active && setActive(at)}
                onClick={() => props.onPick(choice.key)}
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
        })}
        {found.length === 0 && <div class="listbox-none">Nothing matches</div>}
      </div>
    </div>
  );
}
