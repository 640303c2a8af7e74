import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerPicture, Message } from '../../blocks/kit/rich-text.ts';
import { plain } from '../../blocks/kit/rich-text.ts';
import type { HandlerContext } from './context.ts';

/** How often, and how long after each other, it is looked whether Slack has made a picture of a file, in ms. */
const LOOKS_MS = [300, 700, 1_500, 3_000];
const MOST_ALT = 2_000;

/**
 * Draws a picture, gives it to Slack, and makes the message that shows it; null when it cannot be shown. Slack refuses
 * blocks with a file that it has not looked at yet, and says only in `files.info` that it has.
 */
export async function pictureMessage(
  { client, drawChart, log }: Pick<HandlerContext, 'client' | 'drawChart' | 'log'>,
  { chart, alt }: AnswerPicture,
): Promise<Message | null> {
  try {
    const file = Buffer.from(await drawChart(chart));
    const answer = await client.filesUploadV2({ file, filename: 'releases.png', title: chart.title });
    const id = idIn(answer);
    if (id === null || !(await isPicture(client, id))) return null;
    const text = alt.slice(0, MOST_ALT);
    const title = plain(chart.title, 150);
    return { text, blocks: [{ type: 'image', slack_file: { id }, alt_text: text, title }] };
  } catch (error) {
    log.warn({ err: error }, 'a picture is left out of an answer');
    return null;
  }
}

/** What the SDK makes of it: a list of answers, each with a list of files. */
function idIn(answer: unknown): string | null {
  const [first] =
    (answer as { readonly files?: readonly { readonly files?: readonly { id?: string }[] }[] }).files ?? [];
  return first?.files?.[0]?.id ?? null;
}

async function isPicture(client: HandlerContext['client'], file: string): Promise<boolean> {
  for (const ms of LOOKS_MS) {
    const { file: seen } = await client.files.info({ file });
    if (seen?.mimetype) return true;
    await pause(ms, undefined, { ref: false });
  }
  return false;
}
