import { useEffect, useRef, useState } from 'preact/hooks';
import { Floating } from './floating.tsx';
import { Icon } from './icons.tsx';
import { Listbox, type ListboxProps } from './listbox.tsx';

interface Props extends ListboxProps {
  readonly id?: string | undefined;
  readonly placeholder: string;
  readonly max?: number | undefined;
  readonly busy?: boolean;
  readonly invalid?: boolean;
  readonly describedBy?: string | undefined;
  readonly actionId?: string | undefined;
  readonly autoFocus?: boolean;
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
