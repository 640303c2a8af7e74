import type { Container, ElementValue } from '../../protocol/views.ts';
import type { Core } from '../core.ts';
import { slackMessage, slackView } from '../payloads/format.ts';
import type { PlacedElement } from '../state/form.ts';
import type { User, View, ViewDefinition } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { JsonObject } from '../strict/json.ts';
import { escapeMrkdwn } from '../strict/mrkdwn.ts';
import { SlackError } from '../strict/slack-error.ts';
import { visibleChannel } from './person.ts';

/** Parts that the payloads of interactions share. */

/** Who acts, in interactive payloads. */
export function identity(core: Core, userId: string): JsonObject {
  const { store } = core;
  const { team, organisation, appId } = store.identity;
  const user = activeUser(core, userId);
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.team ?? team.id },
    team: organisation ? null : { id: team.id, domain: team.domain },
    api_app_id: appId,
    token: 'legacy-verification-token',
    enterprise: organisation ? { id: organisation.id, name: organisation.name } : null,
    is_enterprise_install: organisation !== undefined,
  };
}

/** Who acts, in slash commands. */
export function flatIdentity(core: Core, userId: string): JsonObject {
  const { store } = core;
  const { team, organisation, appId } = store.identity;
  return {
    token: 'legacy-verification-token',
    team_id: activeUser(core, userId).team ?? team.id,
    team_domain: team.domain,
    ...(organisation
      ? { enterprise_id: organisation.id, enterprise_name: organisation.name, is_enterprise_install: 'true' }
      : { is_enterprise_install: 'false' }),
    user_id: userId,
    user_name: activeUser(core, userId).name,
    api_app_id: appId,
  };
}

function activeUser(core: Core, userId: string): User {
  const user = core.store.user(userId);
  if (user.deleted) throw new SlackError('account_inactive');
  return user;
}

/** Where an element stands: its blocks, and how a payload tells it. */
export function placeOf(core: Core, userId: string, container: Container) {
  const { store, responseUrls } = core;
  if (container.type === 'view') {
    const view = ownView(core, userId, container.viewId);
    const payload: JsonObject = { container: { type: 'view', view_id: view.id } };
    return { view, blocks: view.definition.blocks, payload: { ...payload, view: slackView(core, view) } };
  }
  const channel = visibleChannel(core, userId, container.channel);
  const message = store.message(channel.id, container.ts);
  if (message.ephemeralTo !== undefined && message.ephemeralTo !== userId) {
    throw new SlackError('message_not_found');
  }
  const thread = message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts };
  const payload: JsonObject = {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: message.ephemeralTo !== undefined,
      ...thread,
    },
    channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
    ...(message.ephemeralTo === undefined ? { message: slackMessage(core, message, false) } : {}),
    response_url: responseUrls.issue({
      channel: channel.id,
      user: userId,
      messageTs: message.ts,
      ...(message.thread_ts === undefined ? {} : { threadTs: message.thread_ts }),
    }),
  };
  const inner = (message.attachments ?? []).flatMap((attachment) => attachment.blocks ?? []);
  const blocks = [...(message.blocks ?? []), ...inner] as ViewDefinition['blocks'];
  return { view: undefined, blocks, payload };
}

/** An open view, and nobody else's. */
export function ownView(core: Core, userId: string, viewId: string): View {
  const view = core.views.get(viewId);
  if (view.user !== userId) throw new SlackError('not_found');
  return view;
}

/** The `actions` entry: what the element is, and what was chosen. */
export function actionOf(placed: PlacedElement, value: ElementValue | undefined, ts: string): JsonObject {
  const { element, blockId, actionId } = placed;
  const shown = Object.fromEntries(
    ['text', 'value', 'url', 'style', 'confirm', 'placeholder', 'icon']
      .filter((key) => element[key] !== undefined)
      .map((key) => [key, element[key]]),
  );
  return { ...shown, ...value, type: element['type'], block_id: blockId, action_id: actionId, action_ts: ts };
}

/** `@ada` and `#ship` become `<@U0ADA|ada>` and `<#C0SHIP|ship>`, when the command asks for it. */
export function escapedText(store: Store, words: readonly string[]): string {
  return words
    .map((word) => {
      const user = [...store.users.values()].find((entry) => `@${entry.name}` === word);
      if (user !== undefined) return `<@${user.id}|${user.name}>`;
      const channel = word.startsWith('#') ? store.findChannel(word) : undefined;
      return channel === undefined ? escapeMrkdwn(word) : `<#${channel.id}|${channel.name}>`;
    })
    .join('')
    .trim();
}
