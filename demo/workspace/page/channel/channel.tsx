import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { PageChannel } from '../../protocol/directory.ts';
import { Composer } from '../compose/composer.tsx';
import { Avatar } from '../controls/avatar.tsx';
import { Icon } from '../controls/icons.tsx';
import { MenuButton } from '../controls/menu.tsx';
import { isOpenable } from '../markup/rich.ts';
import { MessageList } from '../message/list.tsx';
import { nameOf, timeline } from '../state/state.ts';
import { Emoji } from '../text/emoji.tsx';
import { Mrkdwn } from '../text/text.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

/** A channel or direct conversation: its head, its messages, and where to write. */
export function ChannelView({ channel }: { readonly channel: PageChannel }) {
  return (
    <main class="conversation" data-conversation aria-label={titleText(channel)}>
      <ChannelHead channel={channel} />
      <ChannelBody channel={channel} />
    </main>
  );
}

function titleText(channel: PageChannel): string {
  return channel.kind === 'im' ? `Conversation with ${channel.name}` : `Channel ${channel.name}`;
}

function ChannelHead({ channel }: { readonly channel: PageChannel }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const partner = channel.partner === undefined ? undefined : state.users.get(channel.partner);
  return (
    <header class="head">
      <h2 class="head-title">
        {partner === undefined ? (
          <>
            <Icon name={channel.kind === 'private' ? 'lock' : 'hash'} />
            {channel.name}
          </>
        ) : (
          <>
            <Avatar user={partner} size="small" />
            {nameOf(state, partner.id)}
          </>
        )}
      </h2>
      {channel.topic !== '' && (
        <div class="head-topic">
          <Mrkdwn text={channel.topic} />
        </div>
      )}
      <div class="head-tools">
        {channel.kind !== 'im' && (
          <MenuButton
            label={`${channel.members.length} members`}
            class="head-button"
            align="end"
            testId="members"
            items={channel.members.map((id) => ({
              key: id,
              label: nameOf(state, id),
              detail: state.users.get(id)?.title,
              lead: <Avatar user={state.users.get(id)} size="small" />,
              onSelect: () => void workspace.openPerson(id),
            }))}
          >
            <Icon name="people" /> {channel.members.length}
          </MenuButton>
        )}
      </div>
    </header>
  );
}

export function ChannelBody({ channel }: { readonly channel: PageChannel }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const [loading, setLoading] = useState(false);
  const log = state.logs.get(channel.id);
  const messages = timeline(state, channel.id);
  const member = channel.kind === 'im' || channel.members.includes(state.me);
  const partner = channel.partner === undefined ? channel.name : nameOf(state, channel.partner);
  const name = channel.kind === 'im' ? partner : `#${channel.name}`;

  const bookmarks = channel.bookmarks.filter((bookmark) => isOpenable(bookmark.link));

  const older = async () => {
    const first = messages[0];
    if (first === undefined) return;
    setLoading(true);
    await workspace.loadOlder(channel.id, first.ts);
    setLoading(false);
  };

  return (
    <>
      {bookmarks.length > 0 && (
        <nav class="bookmarks" aria-label="Bookmarks">
          {bookmarks.map((bookmark) => (
            <a
              key={bookmark.id}
              href={bookmark.link}
              target="_blank"
              rel="noopener noreferrer"
              onClick={(event) => {
                if (workspace.openPermalink(bookmark.link)) event.preventDefault();
              }}
            >
              {bookmark.emoji === undefined ? (
                <Icon name="link" />
              ) : (
                <Emoji name={bookmark.emoji.replaceAll(':', '')} />
              )}
              {bookmark.title}
            </a>
          ))}
        </nav>
      )}
      <MessageList
        label={`Messages in ${name}`}
        place={`${state.me} ${channel.id} ${log?.loaded ?? false}`}
        messages={messages}
        inThread={false}
        top={
          log?.loaded !== true ? (
            <Loading />
          ) : log.more ? (
            <button type="button" class="button plain older" aria-busy={loading} onClick={() => void older()}>
              Show older messages
            </button>
          ) : (
            <Beginning channel={channel} name={name} />
          )
        }
      />
      {channel.archived ? (
        <p class="composer-note">This channel is archived.</p>
      ) : member ? (
        <Composer key={`${state.me} ${channel.id}`} channel={channel.id} placeholder={`Message ${name}`} />
      ) : (
        <p class="composer-note">
          You are looking at {name} without being in it.{' '}
          <button type="button" class="button primary small" onClick={() => workspace.join(channel.id)}>
            Join the channel
          </button>
        </p>
      )}
    </>
  );
}

function Beginning({ channel, name }: { readonly channel: PageChannel; readonly name: string }) {
  let words: ComponentChildren = channel.purpose || 'Say hello.';
  if (channel.kind === 'im') words = `Only you and ${name} can read what is written here.`;
  return (
    <div class="beginning">
      <h3>{name}</h3>
      <p>{words}</p>
    </div>
  );
}

function Loading() {
  return (
    <div class="loading" role="status">
      <span class="spinner" /> Loading messages
    </div>
  );
}
