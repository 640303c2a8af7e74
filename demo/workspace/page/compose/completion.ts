import type { PageUser } from '../../protocol/directory.ts';
import { findEmoji } from '../markup/emoji.ts';
import type { State } from '../state/state.ts';

interface Suggestion {
  readonly key: string;
  readonly label: string;
  /** After the label, in code: the arguments of a command. */
  readonly usage?: string;
  readonly detail: string;
  readonly user?: PageUser;
  readonly emoji?: string;
  /** Replaces what was typed. */
  readonly insert: string;
}

export interface Completion {
  readonly title: string;
  /** Where what is replaced begins; it ends at the caret. */
  readonly from: number;
  readonly items: readonly Suggestion[];
}

const most = 8;

/** What could be meant by the word before the caret: a command, a person, a channel, an emoji. */
export function completionAt(
  text: string,
  caret: number,
  state: State,
  channel: string,
): Completion | undefined {
  const before = text.slice(0, caret);
  if (/^\/[\w-]*$/.test(before)) return commands(before, state);
  const match = /(?:^|[\s([{*_~"'])([@#:])([\w.+-]*)$/.exec(before);
  const [sign, typed] = [match?.[1], (match?.[2] ?? '').toLowerCase()];
  const from = caret - typed.length - 1;
  if (sign === '@') return people(typed, from, state, channel);
  if (sign === '#') return channels(typed, from, state);
  if (sign === ':' && typed.length >= 2) {
    return offered(
      'Emoji',
      from,
      findEmoji(typed, most).map(({ name }) => ({
        key: name,
        label: `:${name}:`,
        detail: '',
        emoji: name,
        insert: `:${name}: `,
      })),
    );
  }
  return undefined;
}

function offered(title: string, from: number, items: readonly Suggestion[]): Completion | undefined {
  return items.length === 0 ? undefined : { title, from, items: items.slice(0, most) };
}

function commands(typed: string, state: State): Completion | undefined {
  const found = (state.app?.commands ?? []).filter((command) => command.command.startsWith(typed));
  // A command typed to its end needs no more help than its usage.
  if (found.length === 1 && found[0]?.command === typed) return undefined;
  return offered(
    'Commands',
    0,
    found.map((command) => ({
      key: command.command,
      label: command.command,
      usage: command.usageHint,
      detail: command.description,
      insert: `${command.command} `,
    })),
  );
}

function people(typed: string, from: number, state: State, channel: string): Completion | undefined {
  const members = new Set(state.channels.get(channel)?.members ?? []);
  const fits = (...names: string[]) =>
    names.some(
      (name) =>
        name
          .toLowerCase()
          .split(/[\s._-]+/)
          .some((word) => word.startsWith(typed)) || name.toLowerCase().startsWith(typed),
    );
  const users = [...state.users.values()]
    .filter((user) => !user.deleted && fits(user.name, user.realName))
    .sort(
      (a, b) => Number(members.has(b.id)) - Number(members.has(a.id)) || a.realName.localeCompare(b.realName),
    )
    .map((user) => ({
      key: user.id,
      label: user.realName || user.name,
      detail: members.has(user.id) ? user.title || user.name : 'Not in this channel',
      user,
      insert: `@${user.name} `,
    }));
  const groups = [...state.groups.values()]
    .filter((group) => fits(group.handle, group.name))
    .map((group) => ({
      key: group.id,
      label: `@${group.handle}`,
      detail: `${group.name}, ${group.members.length} people`,
      insert: `@${group.handle} `,
    }));
  // A handle typed to its end is meant; Enter may send.
  if ([...users, ...groups].some((item) => item.insert === `@${typed} `)) return undefined;
  const all = ['here', 'channel']
    .filter((word) => word.startsWith(typed))
    .map((word) => ({
      key: word,
      label: `@${word}`,
      detail: 'Notify everyone in this channel',
      insert: `@${word} `,
    }));
  return offered('People', from, [...users, ...groups, ...all]);
}

function channels(typed: string, from: number, state: State): Completion | undefined {
  const found = [...state.channels.values()]
    .filter((channel) => channel.kind !== 'im' && channel.name.toLowerCase().includes(typed))
    .map((channel) => ({
      key: channel.id,
      label: `#${channel.name}`,
      detail: channel.purpose || channel.topic,
      insert: `#${channel.name} `,
    }));
  if (found.some((item) => item.insert === `#${typed} `)) return undefined;
  return offered('Channels', from, found);
}

/** The command whose arguments are being typed. */
export function commandBeingTyped(text: string, state: State) {
  const name = /^(\/[\w-]+)(?:\s|$)/.exec(text)?.[1];
  return state.app?.commands.find((command) => command.command === name);
}
