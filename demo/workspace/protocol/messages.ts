import type { KnownBlock } from '@slack/types';

export interface PageFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  /** Bytes. */
  readonly size: number;
  readonly user: string;
  /** Relative address of the bytes. */
  readonly url: string;
  /** Text files: the first 2,000 characters. */
  readonly preview?: string;
  readonly altText?: string;
}

interface PageReaction {
  /** Without colons. */
  readonly name: string;
  readonly users: readonly string[];
}

/** Blocks as Slack stores them: each has a block_id, each interactive element an action_id. */
export interface PageMessage {
  readonly channel: string;
  /** Slack's timestamp, the id of the message in its channel. */
  readonly ts: string;
  readonly user: string;
  /** Raw mrkdwn: `&amp; &lt; &gt;` escaped, `<@U…>`, `<#C…>`, `<!date^…>`, `<https://…|label>`. */
  readonly text: string;
  readonly blocks?: readonly KnownBlock[];
  /** Legacy attachments; blocks inside are shown with a bar in the colour. */
  readonly attachments?: readonly PageAttachment[];
  /** Of the parent. A parent that has replies carries its own ts here. */
  readonly threadTs?: string;
  /** A reply also shown in the channel. */
  readonly broadcast?: boolean;
  readonly edited?: { readonly user: string; readonly ts: string };
  /** Shown to this user only, gone at the next reload. */
  readonly ephemeralTo?: string;
  readonly files?: readonly PageFile[];
  readonly reactions?: readonly PageReaction[];
  /** On parents only. */
  readonly thread?: { readonly replies: number; readonly users: readonly string[]; readonly latest: string };
  /** "Ada joined", not said by anyone. */
  readonly subtype?: string;
}

export interface PageAttachment {
  readonly color?: string;
  readonly fallback?: string;
  readonly text?: string;
  readonly title?: string;
  readonly blocks?: readonly KnownBlock[];
}
