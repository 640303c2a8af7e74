import type { KnownBlock } from '@slack/types';

/**
 * What Slack refuses to go beyond, in characters or items.
 * @see https://docs.slack.dev/reference/block-kit
 */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  section: 3_000,
  header: 150,
  altText: 2_000,
  buttonText: 75,
  value: 2_000,
  blockId: 255,
  confirmTitle: 100,
  confirmText: 300,
  viewTitle: 24,
  privateMetadata: 3_000,
  option: 75,
  options: 100,
} as const;

/**
 * Slack answers `msg_blocks_too_long` near 13,200 characters of all blocks together and does not document how it
 * counts. This assumes the worst: the JSON, with `\uXXXX` for what is not ASCII, and the ids that Slack adds.
 */
const WEIGHT_LIMIT = 12_800;
const ADDED_PER_BLOCK = 40;

export function weight(blocks: readonly KnownBlock[]): number {
  const json = JSON.stringify(blocks);
  let total = blocks.length * ADDED_PER_BLOCK;
  for (let at = 0; at < json.length; at += 1) total += json.charCodeAt(at) < 0x80 ? 1 : 6;
  return total;
}

function fits(blocks: readonly KnownBlock[]): boolean {
  return blocks.length <= LIMITS.messageBlocks && weight(blocks) <= WEIGHT_LIMIT;
}

/**
 * The first rendering that fits, of renderings from long to short. When none fits, the last one loses whole blocks from
 * its end, but not the first two (title, state) nor those of `keep` (buttons).
 */
export function firstThatFits(
  renderings: readonly (() => KnownBlock[])[],
  keep: (block: KnownBlock) => boolean = (block) => block.type === 'actions',
): KnownBlock[] {
  let blocks: KnownBlock[] = [];
  for (const render of renderings) {
    blocks = render();
    if (fits(blocks)) return blocks;
  }
  for (let at = blocks.length - 1; at > 1 && !fits(blocks); at -= 1) {
    const block = blocks[at];
    if (block && !keep(block)) blocks.splice(at, 1);
  }
  return blocks;
}
