import type { PlainTextElement } from '@slack/types';
import { useState } from 'preact/hooks';
import type { ElementValue, PageOption } from '../../protocol/views.ts';
import { Avatar } from '../controls/avatar.tsx';
import type { Choice } from '../controls/listbox.tsx';
import { Select } from '../controls/select.tsx';
import type { State } from '../state/state.ts';
import { PlainText, Text } from '../text/text.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';
import { confirmOf, type ElementProps } from './button.tsx';
import { type BlockHost, useBlockHost } from './host.ts';

/** What surrounds an element: its name for readers, and whether a change is told to the app at once. */
export interface FieldProps extends ElementProps {
  readonly id?: string;
  readonly label?: string;
  readonly describedBy?: string | undefined;
  readonly tells: boolean;
}

interface Group {
  readonly label: { readonly text: string };
  readonly options: readonly PageOption[];
}

export function tellOf(props: FieldProps) {
  return props.tells ? { confirm: confirmOf(props.element) } : undefined;
}

function placeholderOf(props: FieldProps, otherwise: string): string {
  return (props.element['placeholder'] as PlainTextElement | undefined)?.text ?? otherwise;
}

function selectCommons(props: FieldProps, host: BlockHost) {
  const actionId = props.element.action_id ?? '';
  return {
    id: props.id ?? `${props.blockId}-${actionId}`,
    label: props.label ?? placeholderOf(props, 'Choose'),
    describedBy: props.describedBy,
    actionId,
    busy: host.busy(props.blockId, actionId),
    invalid: host.error(props.blockId) !== undefined,
    autoFocus: host.focused === `${props.blockId} ${actionId}`,
    multiple: props.element.type.startsWith('multi_'),
    max: props.element['max_selected_items'] as number | undefined,
  };
}

/** static_select, external_select and their multi forms. */
export function OptionSelect(props: FieldProps) {
  const host = useBlockHost();
  const workspace = useWorkspace();
  const { blockId, element } = props;
  const actionId = element.action_id ?? '';
  const external = element.type.endsWith('external_select');
  const [fetched, setFetched] = useState<readonly PageOption[]>([]);
  const groups: readonly Group[] = external
    ? []
    : ((element['option_groups'] as readonly Group[] | undefined) ?? []);
  const plain = external ? fetched : ((element['options'] as readonly PageOption[] | undefined) ?? []);
  const value = host.value(blockId, actionId);
  const chosen = chosenOptions(value);
  const all = [
    ...plain.map((option) => ({ option, group: undefined as string | undefined })),
    ...groups.flatMap((group) => group.options.map((option) => ({ option, group: group.label.text }))),
  ];
  const shown = [
    ...all,
    ...chosen
      .filter((option) => !all.some((other) => other.option.value === option.value))
      .map((option) => ({ option, group: undefined })),
  ];
  const choose = (keys: readonly string[]) => {
    const options = keys.flatMap((key) => shown.find(({ option }) => option.value === key)?.option ?? []);
    const next = { type: element.type, ...optionsAs(element.type, options) } as ElementValue;
    host.put(blockId, actionId, next, tellOf(props));
  };
  const ask = async (typed: string) => {
    if (typed.length < Number(element['min_query_length'] ?? 3)) return setFetched([]);
    const answer = await workspace.options({ container: host.container, blockId, actionId, typed });
    setFetched([...(answer?.options ?? []), ...(answer?.groups ?? []).flatMap((group) => group.options)]);
  };
  return (
    <Select
      {...selectCommons(props, host)}
      placeholder={placeholderOf(props, 'Choose an option')}
      choices={shown.map(
        ({ option, group }): Choice => ({
          key: option.value ?? '',
          name: `${option.text.text} ${option.description?.text ?? ''}`,
          label: <PlainText text={option.text} />,
          ...(option.description === undefined ? {} : { detail: <PlainText text={option.description} /> }),
          group,
        }),
      )}
      chosen={chosen.map((option) => option.value ?? '')}
      {...(external ? { onType: (typed: string) => void ask(typed) } : {})}
      onChoose={choose}
    />
  );
}

function chosenOptions(value: ElementValue | undefined): readonly PageOption[] {
  if (value === undefined) return [];
  if ('selected_option' in value) return value.selected_option === null ? [] : [value.selected_option];
  return 'selected_options' in value ? value.selected_options : [];
}

function optionsAs(type: string, options: readonly PageOption[]) {
  return type.startsWith('multi_') || type === 'checkboxes'
    ? { selected_options: options }
    : { selected_option: options[0] ?? null };
}

/** users_select, channels_select, conversations_select and their multi forms. */
export function PlaceSelect(props: FieldProps) {
  const host = useBlockHost();
  const state = useWorkspaceState();
  const { blockId, element } = props;
  const actionId = element.action_id ?? '';
  const kind = element.type.replace(/^multi_/, '').replace(/s_select$/, '') as
    | 'user'
    | 'channel'
    | 'conversation';
  const many = element.type.startsWith('multi_');
  const key = `selected_${kind}${many ? 's' : ''}`;
  const value = host.value(blockId, actionId) as unknown as
    | Record<string, string | string[] | null>
    | undefined;
  const chosen = [value?.[key] ?? []].flat();
  const words = {
    user: 'Choose a person',
    channel: 'Choose a channel',
    conversation: 'Choose a conversation',
  };
  return (
    <Select
      {...selectCommons(props, host)}
      placeholder={placeholderOf(props, words[kind])}
      choices={kind === 'user' ? people(state) : places(state, kind === 'channel')}
      chosen={chosen}
      onChoose={(keys) => {
        const next = {
          type: element.type,
          [key]: many ? keys : (keys[0] ?? null),
        } as unknown as ElementValue;
        host.put(blockId, actionId, next, tellOf(props));
      }}
    />
  );
}

function people(state: State): readonly Choice[] {
  return [...state.users.values()]
    .filter((user) => !user.deleted)
    .map((user) => ({
      key: user.id,
      name: `${user.realName} ${user.name}`,
      label: (
        <span class="person">
          <Avatar user={user} size="small" /> {user.realName || user.name}
        </span>
      ),
      ...(user.title === '' ? {} : { detail: user.title }),
    }));
}

function places(state: State, onlyChannels: boolean): readonly Choice[] {
  return [...state.channels.values()]
    .filter((channel) => !channel.archived && (!onlyChannels || channel.kind === 'public'))
    .map((channel) => {
      const name = channel.kind === 'im' ? `@${channel.name}` : `#${channel.name}`;
      return { key: channel.id, name, label: name };
    });
}

/** checkboxes and radio_buttons. */
export function OptionBoxes(props: FieldProps) {
  const host = useBlockHost();
  const { blockId, element } = props;
  const actionId = element.action_id ?? '';
  const many = element.type === 'checkboxes';
  const options = (element['options'] as readonly PageOption[] | undefined) ?? [];
  const chosen = chosenOptions(host.value(blockId, actionId));
  const isChosen = (option: PageOption) => chosen.some((other) => other.value === option.value);
  const toggle = (option: PageOption) => {
    const next = !many
      ? [option]
      : options.filter((other) => (other === option ? !isChosen(option) : isChosen(other)));
    const value = { type: element.type, ...optionsAs(element.type, next) } as ElementValue;
    host.put(blockId, actionId, value, tellOf(props));
  };
  return (
    <fieldset
      class="boxes"
      aria-label={props.label ?? 'Options'}
      aria-describedby={props.describedBy}
      data-action-id={actionId}
    >
      {options.map((option, at) => (
        <label key={option.value ?? at} class="box">
          <input
            type={many ? 'checkbox' : 'radio'}
            name={`${blockId}-${actionId}`}
            value={option.value}
            checked={isChosen(option)}
            onChange={() => toggle(option)}
          />
          <span class="box-text">
            <Text text={option.text} />
            {option.description !== undefined && (
              <span class="menu-detail">
                <Text text={option.description} />
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
