import type { DispatchActionConfig, PlainTextElement } from '@slack/types';
import { useEffect, useRef } from 'preact/hooks';
import type { ElementValue } from '../../protocol/views.ts';
import { fromWallTime, toWallTime } from '../markup/wall-time.ts';
import { zoneOf } from '../state/state.ts';
import { useWorkspaceState } from '../workspace/use-workspace.ts';
import { type FieldProps, tellOf } from './choices.tsx';
import { useBlockHost } from './host.ts';

const keyboards: Readonly<Record<string, 'text' | 'decimal' | 'email' | 'url'>> = {
  number_input: 'decimal',
  email_text_input: 'email',
  url_text_input: 'url',
};

function useAutoFocus<Target extends HTMLElement>(wanted: boolean) {
  const target = useRef<Target>(null);
  useEffect(() => {
    if (wanted) target.current?.focus();
  }, []);
  return target;
}

/** One line or several of text, a number, an address. */
export function TextField(props: FieldProps) {
  const host = useBlockHost();
  const { blockId, element } = props;
  const actionId = element.action_id ?? '';
  const focused = host.focused === `${blockId} ${actionId}`;
  const line = useAutoFocus<HTMLInputElement>(focused);
  const area = useAutoFocus<HTMLTextAreaElement>(focused);
  const value = host.value(blockId, actionId);
  const text = value !== undefined && 'value' in value ? (value.value ?? '') : richTextWords(value);
  const when = (element['dispatch_action_config'] as DispatchActionConfig | undefined)?.trigger_actions_on;
  const eachCharacter = props.tells && when?.includes('on_character_entered') === true;
  const onEnter = props.tells && (when === undefined || when.includes('on_enter_pressed'));
  const asValue = (typed: string) => typedAs(element.type, typed);
  const most = element['max_length'] as number | undefined;
  const common = {
    id: props.id,
    class: 'field',
    value: text,
    placeholder: (element['placeholder'] as PlainTextElement | undefined)?.text ?? '',
    'aria-label': props.id === undefined ? props.label : undefined,
    'aria-invalid': host.error(blockId) !== undefined,
    'aria-describedby': props.describedBy,
    'data-testid': 'field',
    'data-action-id': actionId,
    onInput: (event: { currentTarget: { value: string } }) =>
      host.put(
        blockId,
        actionId,
        asValue(event.currentTarget.value),
        eachCharacter ? tellOf(props) : undefined,
      ),
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.isComposing || !onEnter) return;
    event.preventDefault();
    host.put(blockId, actionId, asValue(text), tellOf(props));
  };
  const rich = element.type === 'rich_text_input';
  const rest = most !== undefined && text.length > most * 0.8 ? most - text.length : undefined;
  return (
    <>
      {element['multiline'] === true || rich ? (
        <textarea ref={area} {...common} rows={Number(element['min_lines'] ?? 3)} />
      ) : (
        <input
          ref={line}
          {...common}
          type="text"
          inputMode={keyboards[element.type] ?? 'text'}
          onKeyDown={enter}
        />
      )}
      {rest !== undefined && <span class={rest < 0 ? 'counter over' : 'counter'}>{rest} left</span>}
    </>
  );
}

function typedAs(type: string, typed: string): ElementValue {
  if (type === 'rich_text_input') {
    const elements = [{ type: 'rich_text_section', elements: [{ type: 'text', text: typed }] }];
    return { type, rich_text_value: typed === '' ? null : { type: 'rich_text', elements } };
  }
  return { type: type as 'plain_text_input', value: typed === '' ? null : typed };
}

function richTextWords(value: ElementValue | undefined): string {
  if (value === undefined || !('rich_text_value' in value)) return '';
  const found = JSON.stringify(value.rich_text_value ?? null).matchAll(/"text":("(?:[^"\\]|\\.)*")/g);
  return [...found].map((match) => JSON.parse(match[1] ?? '""') as string).join('');
}

/** A day, a time of day, or a moment in the zone of the acting user. */
export function TimeField(props: FieldProps) {
  const host = useBlockHost();
  const zone = zoneOf(useWorkspaceState());
  const { blockId, element } = props;
  const actionId = element.action_id ?? '';
  const target = useAutoFocus<HTMLInputElement>(host.focused === `${blockId} ${actionId}`);
  const value = host.value(blockId, actionId);
  const shape = shapes[element.type as keyof typeof shapes];
  if (shape === undefined) return null;
  return (
    <input
      ref={target}
      id={props.id}
      class="field short"
      type={shape.html}
      value={shape.show(value, zone)}
      aria-label={
        props.id === undefined
          ? (props.label ?? (element['placeholder'] as PlainTextElement | undefined)?.text ?? shape.name)
          : undefined
      }
      aria-invalid={host.error(blockId) !== undefined}
      aria-describedby={props.describedBy}
      data-testid="field"
      data-action-id={actionId}
      onChange={(event) =>
        host.put(blockId, actionId, shape.read(event.currentTarget.value, zone), tellOf(props))
      }
    />
  );
}

const shapes = {
  datepicker: {
    html: 'date',
    name: 'Date',
    show: (value: ElementValue | undefined) =>
      value?.type === 'datepicker' ? (value.selected_date ?? '') : '',
    read: (text: string): ElementValue => ({ type: 'datepicker', selected_date: text || null }),
  },
  timepicker: {
    html: 'time',
    name: 'Time',
    show: (value: ElementValue | undefined) =>
      value?.type === 'timepicker' ? (value.selected_time ?? '') : '',
    read: (text: string): ElementValue => ({ type: 'timepicker', selected_time: text || null }),
  },
  datetimepicker: {
    html: 'datetime-local',
    name: 'Date and time',
    show: (value: ElementValue | undefined, zone: string) =>
      value?.type === 'datetimepicker' && value.selected_date_time !== null
        ? toWallTime(value.selected_date_time, zone)
        : '',
    read: (text: string, zone: string): ElementValue => ({
      type: 'datetimepicker',
      selected_date_time: text === '' ? null : fromWallTime(text, zone),
    }),
  },
} as const;
