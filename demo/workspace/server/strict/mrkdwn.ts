import type { JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';

/** What a piece of text would make Slack do. */
export type Activation =
  | { readonly kind: 'broadcast'; readonly range: 'channel' | 'here' | 'everyone' }
  | { readonly kind: 'user' | 'channel' | 'group'; readonly id: string; readonly label?: string }
  | { readonly kind: 'date'; readonly seconds: number; readonly format: string; readonly fallback: string }
  | { readonly kind: 'link'; readonly url: string; readonly label?: string };

/**
 * The special mentions and links that Slack would activate in a mrkdwn text. Only unescaped angle brackets
 * count, as in Slack: `&lt;!channel&gt;` is plain text. Bare addresses (`https://…`) become links too.
 * Nothing is active inside code spans but what stands in angle brackets, which Slack resolves everywhere.
 */
export function activations(text: string): Activation[] {
  const found: Activation[] = [];
  const rest = text.replace(/<([^<>\n]+)>/g, (_whole, inside: string) => {
    const activation = controlSequence(inside);
    if (activation !== undefined) found.push(activation);
    return ' ';
  });
  const bare = rest.replace(/```[\s\S]*?```|`[^`\n]+`/g, ' ');
  for (const match of bare.matchAll(/\bhttps?:\/\/[^\s<>|]+/g)) {
    found.push({ kind: 'link', url: match[0].replace(/[.,;:!?)\]]+$/, '') });
  }
  return found;
}

function controlSequence(inside: string): Activation | undefined {
  const bar = inside.indexOf('|');
  const target = bar === -1 ? inside : inside.slice(0, bar);
  const label = bar === -1 ? {} : { label: inside.slice(bar + 1) };
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1), ...label };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), ...label };
  if (!target.startsWith('!')) {
    return /^[a-z][a-z0-9+.-]*:/i.test(target) ? { kind: 'link', url: target, ...label } : undefined;
  }
  const [name = '', ...args] = target.slice(1).split('^');
  if (name === 'channel' || name === 'here' || name === 'everyone') return { kind: 'broadcast', range: name };
  if (name === 'subteam') return { kind: 'group', id: args[0] ?? '', ...label };
  if (name === 'date') {
    return { kind: 'date', seconds: Number(args[0]), format: args[1] ?? '', fallback: label.label ?? '' };
  }
  return undefined;
}

/**
 * The same for a whole payload: the `text` of a message, every mrkdwn object, markdown block and rich text
 * element of its blocks and attachments, and addresses of buttons and images. Takes any part of a message.
 */
export function payloadActivations(payload: unknown): Activation[] {
  if (typeof payload === 'string') return activations(payload);
  if (Array.isArray(payload)) return payload.flatMap(payloadActivations);
  if (!isJsonObject(payload)) return [];
  if (payload['type'] === 'plain_text' || payload['type'] === 'raw_text') return [];
  if (payload['type'] === 'mrkdwn') return textOf(payload);
  if (payload['type'] === 'markdown') return textOf(payload);
  const rich = richText(payload);
  if (rich !== undefined) return rich;
  return Object.entries(payload).flatMap(([key, value]): Activation[] => {
    if (typeof value !== 'string') return payloadActivations(value);
    if (key === 'text' || key === 'pretext' || key === 'fallback') return activations(value);
    if (key === 'url' || key === 'title_link') return [{ kind: 'link', url: value }];
    return [];
  });
}

function textOf(object: JsonObject): Activation[] {
  return typeof object['text'] === 'string' ? activations(object['text']) : [];
}

function richText(element: JsonObject): Activation[] | undefined {
  switch (element['type']) {
    case 'broadcast':
      return [{ kind: 'broadcast', range: element['range'] as 'channel' | 'here' | 'everyone' }];
    case 'user':
      return element['user_id'] === undefined
        ? undefined
        : [{ kind: 'user', id: String(element['user_id']) }];
    case 'usergroup':
      return [{ kind: 'group', id: String(element['usergroup_id']) }];
    case 'link':
      return [{ kind: 'link', url: String(element['url']), ...label(element) }];
    case 'text':
      return [];
    default:
      return undefined;
  }
}

function label(element: JsonObject): { label?: string } {
  return typeof element['text'] === 'string' ? { label: element['text'] } : {};
}

/** What a person types, as Slack would store it: the three characters escaped. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
