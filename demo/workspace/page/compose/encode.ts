import { decodeEntities, encodeEntities } from '../markup/rich.ts';
import type { State } from '../state/state.ts';

type Known = Pick<State, 'users' | 'groups' | 'channels'>;

/** What a person typed as Slack's mrkdwn: escaped, with `@ada`, `#general` and addresses as sequences. */
export function toMrkdwn(typed: string, known: Known): string {
  const handles = new Map([...known.users.values()].map((user) => [user.name.toLowerCase(), user.id]));
  const groups = new Map([...known.groups.values()].map((group) => [group.handle.toLowerCase(), group.id]));
  const channels = new Map(
    [...known.channels.values()].filter((c) => c.kind !== 'im').map((c) => [c.name.toLowerCase(), c]),
  );

  const mention = (whole: string, lead: string, name: string): string => {
    // A name may end in a dot or dash that is the sentence's.
    const trailing = /[.-]+$/.exec(name)?.[0] ?? '';
    for (const [candidate, rest] of [
      [name, ''] as const,
      [name.slice(0, name.length - trailing.length), trailing] as const,
    ]) {
      const key = candidate.toLowerCase();
      const user = handles.get(key);
      const group = groups.get(key);
      if (user !== undefined) return `${lead}<@${user}>${rest}`;
      if (group !== undefined) return `${lead}<!subteam^${group}>${rest}`;
      if (/^(here|channel|everyone)$/.test(key)) return `${lead}<!${key}>${rest}`;
    }
    return whole;
  };

  const words = (text: string): string =>
    encodeEntities(text)
      .replace(/https?:\/\/[^\s<>|`"']*[^\s<>|`"'.,:;!?)\]}*_~]/g, (url) => `<${url}>`)
      .replace(/(^|[\s([{*_~"'])@([\w.-]+)/g, (whole, lead: string, name: string) =>
        mention(whole, lead, name),
      )
      .replace(/(^|[\s([{*_~"'])#([\w-]+)/g, (whole, lead: string, name: string) => {
        const channel = channels.get(name.toLowerCase());
        return channel === undefined ? whole : `${lead}<#${channel.id}|${channel.name}>`;
      });

  // Code stays as it is but for the escapes.
  return typed
    .split(/(```[\s\S]*?```|`[^`\n]+`)/)
    .map((part, at) => (at % 2 === 1 ? encodeEntities(part) : words(part)))
    .join('');
}

/** The other way round, for editing. */
export function toTyped(mrkdwn: string, known: Known): string {
  const text = mrkdwn.replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (whole, head: string, label?: string) => {
    if (head.startsWith('@')) return `@${known.users.get(head.slice(1))?.name ?? label ?? head.slice(1)}`;
    if (head.startsWith('#')) return `#${known.channels.get(head.slice(1))?.name ?? label ?? head.slice(1)}`;
    if (head.startsWith('!subteam^'))
      return `@${known.groups.get(head.slice(9))?.handle ?? label ?? head.slice(9)}`;
    if (/^!(here|channel|everyone)$/.test(head)) return `@${head.slice(1)}`;
    return /^(https?|mailto):/.test(head) ? head : whole;
  });
  return decodeEntities(text);
}
