import type { KnownBlock, SectionBlock } from '@slack/types';
import type { ElementValue, PageOption, StateValues } from '../../protocol/views.ts';
import type { Inputs } from '../state/state.ts';

/** Any element that a person can use; loose, since the platform adds kinds faster than the types. */
export type Element = { readonly type: string; readonly action_id?: string } & Readonly<
  Record<string, unknown>
>;

interface Placed {
  readonly blockId: string;
  readonly actionId: string;
  readonly element: Element;
}

/** Every element with an action_id, with the block that holds it; in the order of the page. */
export function elementsOf(blocks: readonly KnownBlock[]): readonly Placed[] {
  return blocks.flatMap((block): Placed[] => {
    const found: Element[] = [];
    if (block.type === 'input') found.push(block.element as unknown as Element);
    if (block.type === 'actions' || block.type === 'context_actions') {
      found.push(...(block.elements as unknown as Element[]));
    }
    const accessory = block.type === 'section' ? (block as SectionBlock).accessory : undefined;
    if (accessory !== undefined) found.push(accessory as unknown as Element);
    const inside = block.type === 'container' ? elementsOf(block.child_blocks as KnownBlock[]) : [];
    const blockId = block.block_id ?? '';
    return [...found.map((element) => ({ blockId, actionId: element.action_id ?? '', element })), ...inside];
  });
}

/** The value of an element before anyone touched it; undefined for those that hold none. */
function initialValue(element: Element, here: string | undefined): ElementValue | undefined {
  const of = <Value>(key: string): Value | null => (element[key] as Value | undefined) ?? null;
  switch (element.type) {
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return { type: element.type, value: of<string>('initial_value') };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type: element.type, selected_option: of<PageOption>('initial_option') };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type: element.type, selected_options: of<PageOption[]>('initial_options') ?? [] };
    case 'users_select':
      return { type: element.type, selected_user: of<string>('initial_user') };
    case 'multi_users_select':
      return { type: element.type, selected_users: of<string[]>('initial_users') ?? [] };
    case 'conversations_select': {
      const current = element['default_to_current_conversation'] === true ? (here ?? null) : null;
      return { type: element.type, selected_conversation: of<string>('initial_conversation') ?? current };
    }
    case 'multi_conversations_select':
      return { type: element.type, selected_conversations: of<string[]>('initial_conversations') ?? [] };
    case 'channels_select':
      return { type: element.type, selected_channel: of<string>('initial_channel') };
    case 'multi_channels_select':
      return { type: element.type, selected_channels: of<string[]>('initial_channels') ?? [] };
    case 'datepicker':
      return { type: element.type, selected_date: of<string>('initial_date') };
    case 'timepicker':
      return { type: element.type, selected_time: of<string>('initial_time') };
    case 'datetimepicker':
      return { type: element.type, selected_date_time: of<number>('initial_date_time') };
    case 'rich_text_input':
      return { type: element.type, rich_text_value: of('initial_value') };
    case 'file_input':
      return { type: element.type, files: [] };
    default:
      return undefined;
  }
}

/** Slack's `state.values` of a message or view. */
export function stateOf(
  blocks: readonly KnownBlock[],
  inputs: Inputs,
  here: string | undefined,
): StateValues {
  const out: Record<string, Record<string, ElementValue>> = {};
  for (const { blockId, actionId, element } of elementsOf(blocks)) {
    const initial = initialValue(element, here);
    if (initial === undefined) continue;
    const typed = inputs[`${blockId} ${actionId}`];
    out[blockId] = { ...out[blockId], [actionId]: typed?.type === element.type ? typed : initial };
  }
  return out;
}
