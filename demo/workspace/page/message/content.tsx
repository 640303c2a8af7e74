import type { PageMessage } from '../../protocol/messages.ts';
import { HostedBlocks } from '../blocks/hosted.tsx';
import { Mrkdwn, PlainText } from '../text/text.tsx';
import { FileView } from './file.tsx';

/** Text or blocks, attachments and files of a message. */
export function Content({ message }: { readonly message: PageMessage }) {
  const container = { type: 'message', channel: message.channel, ts: message.ts } as const;
  const hasBlocks = message.blocks !== undefined && message.blocks.length > 0;
  return (
    <div class="message-content">
      {hasBlocks ? (
        <HostedBlocks surface="message" container={container} blocks={message.blocks ?? []} />
      ) : (
        message.text !== '' && <Mrkdwn text={message.text} />
      )}
      {message.edited !== undefined && !hasBlocks && <span class="edited"> (edited)</span>}
      {message.attachments?.map((attachment, at) => (
        <div key={at} class="attachment" style={{ '--bar': attachmentColor(attachment.color) }}>
          {attachment.title !== undefined && (
            <strong>
              <PlainText text={{ text: attachment.title }} />
            </strong>
          )}
          {attachment.text !== undefined && <Mrkdwn text={attachment.text} />}
          {attachment.blocks !== undefined ? (
            <HostedBlocks surface="message" container={container} blocks={attachment.blocks} />
          ) : (
            attachment.text === undefined &&
            attachment.fallback !== undefined && <PlainText text={{ text: attachment.fallback }} />
          )}
        </div>
      ))}
      {message.files?.map((file) => (
        <FileView key={file.id} file={file} />
      ))}
    </div>
  );
}

function attachmentColor(color: string | undefined): string {
  const named: Readonly<Record<string, string>> = { good: '#2fae6a', warning: '#f0a020', danger: '#e0354b' };
  if (color === undefined) return 'var(--line)';
  return named[color] ?? (/^#?[0-9a-f]{3,8}$/i.test(color) ? `#${color.replace('#', '')}` : 'var(--line)');
}
