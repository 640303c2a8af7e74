import type { Control } from './control/control.ts';
import type { Core } from './core.ts';
import type { WorkspaceOptions } from './options.ts';
import { DEFAULT_CHANNELS, DEFAULT_GROUPS, DEFAULT_USERS } from './state/defaults.ts';

/** The bot, and the people, channels and groups that the workspace begins with. */
export function populate(core: Core, control: Control, options: WorkspaceOptions): void {
  core.store.addUser({
    id: core.store.identity.botUser,
    name: core.manifest.botName.toLowerCase().replaceAll(/\W+/g, '-'),
    realName: core.manifest.botName,
    title: '',
    email: '',
    color: core.manifest.color,
    kind: 'bot',
    deleted: false,
    timeZone: 'UTC',
  });
  for (const user of options.users ?? DEFAULT_USERS) control.addUser(user);
  for (const channel of options.channels ?? DEFAULT_CHANNELS) control.addChannel(channel);
  for (const group of options.groups ?? (options.users === undefined ? DEFAULT_GROUPS : [])) {
    control.setGroup(group);
  }
}
