import type { KnownBlock } from '@slack/types';
import { isJsonObject } from '../strict/json.ts';
import type { Ids } from './ids.ts';

/** Elements that a person can use, so they need an action_id. */
const INTERACTIVE =
  /^(button|workflow_button|icon_button|feedback_buttons|overflow|checkboxes|radio_buttons|(multi_)?(static|external|users|conversations|channels)_select|(date|time|datetime)picker|(plain|email|url|rich)_text_input|rich_text_input|number_input|file_input)$/;

/** A copy with a block_id on every block and an action_id on every interactive element, as Slack stores it. */
export function fillIds(blocks: readonly unknown[], ids: Ids): KnownBlock[] {
  return blocks.map((block) => {
    const copy = fillActions(structuredClone(block), ids) as Record<string, unknown>;
    copy['block_id'] ??= ids.short();
    return copy as unknown as KnownBlock;
  });
}

function fillActions(value: unknown, ids: Ids): unknown {
  if (Array.isArray(value)) return value.map((item) => fillActions(item, ids));
  if (!isJsonObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) copy[key] = fillActions(item, ids);
  if (typeof copy['type'] === 'string' && INTERACTIVE.test(copy['type'])) copy['action_id'] ??= ids.short();
  return copy;
}
