import { Percent, PercentagePoints } from '../../adapters/shared/ratio.ts';
import type { JudgeRules } from '../../domain/judge/begin.ts';
import { type ReplayedTick, recordingOf, replay, summaryOf } from '../../domain/judge/replay.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { parseDuration } from '../../domain/text/duration.ts';
import { jsonLine, summaryText, textLine } from '../backtest-text.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';
import { readSamples } from '../sample-file.ts';

/** Replays recorded samples through the judge: a line for each tick, then a summary. */
export async function backtest({ words, options, output }: Invocation): Promise<number | null> {
  const [path, ...rest] = words;
  if (path === undefined || rest.length > 0) return null;
  const rules = rulesOf(options);
  const recording = recordingOf(await readSamples(path), rules.tickMs, Date.now());
  const write = options.json ? jsonLine : textLine;
  const ticks: ReplayedTick[] = [];
  for (const tick of replay(recording, rules)) {
    await output.result(write(tick, ticks.at(-1)));
    ticks.push(tick);
  }
  const summary = summaryOf(ticks);
  await output.result(options.json ? `${JSON.stringify({ summary })}\n` : summaryText(summary, ticks));
  const { dropped } = recording;
  if (dropped > 0) {
    const what = dropped === 1 ? 'one sample that is' : `${dropped} samples that are`;
    output.message(`Left out: ${what} given twice, not after the deploy, or later than now.`);
  }
  return EXIT.done;
}

/** Refusal `option-unclear`. */
function rulesOf({
  tick = '30s',
  limit = '1pp',
  latency = '10%',
  settle = '3m',
}: Invocation['options']): JudgeRules {
  const unclear = (option: string, text: string, example: string) =>
    new Refusal('option-unclear', { option, text, example });
  const tickMs = parseDuration(tick);
  if (tickMs === null) throw unclear('tick', tick, '30s');
  const settleMs = /^0+\s*(?:[a-z]\w*)?$/i.test(settle) ? 0 : parseDuration(settle);
  if (settleMs === null) throw unclear('settle', settle, '3m');
  const points = PercentagePoints.safeParse(limit);
  if (!points.success || points.data >= 1) throw unclear('limit', limit, '1pp');
  const percent = Percent.safeParse(latency);
  if (!percent.success) throw unclear('latency', latency, '10%');
  return { tickMs, settleMs, errorRateRise: points.data, latencyRise: percent.data };
}
