import { typeProblems } from './block-types.ts';
import { messageBlockProblems, viewProblems } from './blocks.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { ATTACHMENTS, BLOCKS_JSON, METADATA_JSON, POST_TEXT, UPDATE_TEXT } from './limits.ts';
import type { Problem } from './problem.ts';
import { problemLine } from './problem.ts';
import { SlackError } from './slack-error.ts';
import type { Strictness } from './strictness.ts';

/** The parts of a message that an app can give. */
export interface Content {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
  readonly metadata?: unknown;
}

/** A refusal with the complaints where Slack puts them. */
export function refusal(code: string, problems: readonly Problem[]): SlackError {
  return new SlackError(code, {
    errors: problems.map((problem) => problemLine(problem).replace('[ERROR] ', '')),
    response_metadata: { messages: problems.map(problemLine) },
  });
}

/** Throws what Slack would answer. `update` has the smaller limit of chat.update and may leave things out. */
export function checkContent(content: Content, kind: 'post' | 'update', strictness: Strictness): void {
  const { text, blocks, attachments, metadata } = content;
  const limit = kind === 'post' ? POST_TEXT : UPDATE_TEXT;
  if (text !== undefined && text.length > limit) throw new SlackError('msg_too_long');
  if (blocks !== undefined) checkBlocks(blocks);
  if (attachments !== undefined) checkAttachments(attachments);
  if (metadata !== undefined) checkMetadata(metadata);

  const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
  const hasAttachments = Array.isArray(attachments) && attachments.length > 0;
  const hasText = text !== undefined && text.trim() !== '';
  if (!hasText && !hasBlocks && !hasAttachments && !(kind === 'update' && metadata !== undefined)) {
    throw new SlackError('no_text');
  }
  if (!hasText && (hasBlocks || hasAttachments) && strictness.missingText === 'refuse') {
    throw refusal('missing_text_in_message', [
      { message: 'the top-level `text` is what notifications and screen readers show', pointer: '/text' },
    ]);
  }
}

function checkBlocks(blocks: unknown): void {
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  const problems = messageBlockProblems(blocks, '/blocks');
  if (problems.length > 0) throw refusal('invalid_blocks', problems);
  if (JSON.stringify(blocks).length > BLOCKS_JSON) throw new SlackError('msg_blocks_too_long');
}

function checkAttachments(attachments: unknown): void {
  if (!Array.isArray(attachments)) throw new SlackError('invalid_attachments');
  if (attachments.length > ATTACHMENTS) throw new SlackError('too_many_attachments');
  const problems = [
    ...typeProblems('attachments', attachments, '/attachments'),
    ...attachments.flatMap((attachment, index) =>
      isJsonObject(attachment) && attachment['blocks'] !== undefined
        ? messageBlockProblems(attachment['blocks'], `/attachments/${index}/blocks`)
        : [],
    ),
  ];
  if (problems.length > 0) throw refusal('invalid_attachments', problems);
}

function checkMetadata(metadata: unknown): void {
  const problems = typeProblems('metadata', metadata, '/metadata');
  if (problems.length > 0) throw refusal('invalid_metadata_format', problems);
  if (JSON.stringify((metadata as JsonObject)['event_payload']).length > METADATA_JSON) {
    throw new SlackError('metadata_too_large');
  }
}

/** Throws `invalid_arguments`, as views.* do, when the view is not one Slack would show. */
export function checkView(view: unknown, surface: 'modal' | 'home'): void {
  if (!isJsonObject(view)) {
    throw refusal('invalid_arguments', [{ message: 'must provide an object', pointer: '/view' }]);
  }
  if (view['type'] !== surface) {
    throw refusal('invalid_arguments', [
      { message: `unsupported type: ${String(view['type'])}`, pointer: '/view/type' },
    ]);
  }
  const problems = viewProblems(view, '/view', surface);
  if (problems.length > 0) throw refusal('invalid_arguments', problems);
}
