import { request } from 'undici';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { failureOf, type TextQuestion } from './ask-json.ts';
import { WebDispatcher } from './network/dispatcher.ts';
import { codesOf, networkTrouble } from './network-trouble.ts';

const LONGEST = 4 * 1024 * 1024;

export interface LineQuestion extends TextQuestion {
  /** It is listened to for no longer, in ms. */
  readonly forMs: number;
  /** And for no more bytes. */
  readonly maxBytes: number;
  /** The answer has begun. */
  onOpen(): void;
  /** Gets each whole line; the last one, without its end, is not whole. False: no more of them. */
  onLine(line: string): boolean;
}

/**
 * Listens to an answer that goes on, line by line, until it ends, or enough was heard. `timeoutMs` is for its beginning.
 * Throws as `askText` does; that nothing comes is no failure.
 */
export async function followLines(question: LineQuestion): Promise<void> {
  const { source, url, headers = {}, timeoutMs, forMs, signal } = question;
  const dispatcher = new WebDispatcher({ fresh: true, connectMs: timeoutMs });
  const enough = new AbortController();
  const signals = [enough.signal, ...(signal === undefined ? [] : [signal])];
  const late = setTimeout(() => enough.abort(), timeoutMs);
  let isOpen = false;
  let over: NodeJS.Timeout | undefined;
  try {
    const reply = await request(url, {
      dispatcher,
      headers: { 'user-agent': 'slipway', ...headers },
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: AbortSignal.any(signals),
    });
    if (reply.statusCode !== 200) {
      const heard = Object.fromEntries(
        Object.entries(reply.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
      );
      throw failureOf({ status: reply.statusCode, headers: heard, body: '', cut: false }, question);
    }
    clearTimeout(late);
    over = setTimeout(() => enough.abort(), forMs);
    isOpen = true;
    question.onOpen();
    await eachLine(reply.body, question);
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unavailable) throw error;
    if (isOpen && (enough.signal.aborted || signal?.aborted)) return;
    const words = enough.signal.aborted ? 'no answer in time' : networkTrouble(codesOf(error), new URL(url));
    throw new Unavailable(source, words);
  } finally {
    clearTimeout(late);
    clearTimeout(over);
    await dispatcher.destroy();
  }
}

async function eachLine(
  body: AsyncIterable<Buffer>,
  { source, maxBytes, onLine }: Pick<LineQuestion, 'source' | 'maxBytes' | 'onLine'>,
): Promise<void> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let left = '';
  for await (const chunk of body) {
    bytes += chunk.length;
    left += decoder.decode(chunk, { stream: true });
    if (left.length > LONGEST) throw new Unavailable(source, 'its answer has no lines');
    const lines = left.split('\n');
    left = lines.pop() ?? '';
    if (lines.some((line) => line.trim() !== '' && !onLine(line)) || bytes > maxBytes) return;
  }
}
