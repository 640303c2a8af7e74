import type { KnownBlock } from '@slack/types';

/**
 * What of a rendered message would act although it came from outside, one line each. The fixtures put
 * `<!channel> *urgent* <https://evil|approve>` everywhere; it may only appear where Slack parses nothing:
 * plain_text without emoji, raw_text, and text of rich text.
 */
export function outsideIsInert(message: {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}): string[] {
  const problems: string[] = [];
  for (const token of message.text.matchAll(/<([^>]*)>/g)) {
    if (!/^(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^|]+\|[^|<>]+)$/.test(token[1] ?? ''))
      problems.push(`text: ${token[0]}`);
  }
  const prose = message.text.replace(/<[^>]*>/g, '');
  if (/[*~`<>]/.test(prose)) problems.push(`text: formatting in ${prose}`);
  if (/:\/\//.test(prose)) problems.push(`text: address in ${prose}`);
  visit(message.blocks, '', problems);
  return problems;
}

function visit(node: unknown, path: string, problems: string[]): void {
  if (Array.isArray(node)) {
    for (const [at, one] of node.entries()) visit(one, `${path}[${at}]`, problems);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { type, text, emoji, url, verbatim } = node as {
    type?: string;
    text?: unknown;
    emoji?: boolean;
    url?: string;
    verbatim?: boolean;
  };
  if (type === 'broadcast') problems.push(`${path}: broadcast`);
  if (type === 'plain_text' && emoji !== false) problems.push(`${path}: emoji codes are shown as pictures`);
  if (type === 'mrkdwn' && (verbatim !== true || /<!channel>|\*urgent\*|\|approve>/.test(String(text))))
    problems.push(`${path}: ${String(text)}`);
  if (url !== undefined && (!/^https?:\/\//.test(url) || new URL(url).hostname === 'evil'))
    problems.push(`${path}: ${url}`);
  for (const [key, value] of Object.entries(node)) visit(value, `${path}.${key}`, problems);
}
