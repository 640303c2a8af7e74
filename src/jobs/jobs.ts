import { withThread } from '../blocks/replies/answer.ts';
import { authorNews } from '../blocks/replies/subscriptions.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { keepBaselines } from '../flows/jobs/keep-baselines.ts';
import { recheckReleased } from '../flows/jobs/recheck-released.ts';
import { remindOfDebts, remindOfUndecided } from '../flows/jobs/remind.ts';
import { reportIssues } from '../flows/jobs/report-issues.ts';
import { mendingRuns } from '../flows/jobs/resume-runs.ts';
import { tellAuthors } from '../flows/jobs/tell-authors.ts';
import { callThoseWhoWait } from '../flows/locks/queue.ts';
import type { RequestContext } from '../flows/requests/request.ts';
import { deliver } from '../flows/requests/tell-run.ts';
import { forEach } from '../flows/run/for-each.ts';
import { advanceAll } from '../flows/schedule/advance.ts';
import { said } from '../handlers/habits/said.ts';
import { sequenceVoice } from '../handlers/habits/sequence-voice.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { threadUrl } from '../handlers/support/links.ts';
import { offerAll } from './offer-ready.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Whoever stored a message delivers it within this time, or has died, in ms. */
const LATE_MS = 2_000;

/**
 * What the bot does for people and their promotions again and again. What is due is read from what is stored: any replica
 * does it for any other, and a restart forgets nothing.
 */
export function startJobs(
  context: HandlerContext,
  engine: { resumeLeft(): Promise<void> },
): readonly Repeated[] {
  const { requests, prompts, log } = context;
  const voice = sequenceVoice(context);
  const start = (
    turns: Parameters<typeof repeat>[0],
    work: (stopping: AbortSignal) => Promise<unknown>,
    trouble: string,
    atOnce = true,
  ) => repeat(turns, work, { log, trouble, atOnce });
  const runs = 'runs could not be looked after';
  const asking = start(
    EVERY.fiveSeconds,
    () => prompts.look(),
    'messages outside of threads could not be looked after',
  );
  return [
    start(EVERY.fiveSeconds, delivering(requests), runs),
    // All open promotions are read to mend them; two looks, and the time they take, are over within twenty seconds.
    start(EVERY.nineSeconds, mendingRuns(requests, log), runs),
    start(EVERY.nineSeconds, () => engine.resumeLeft(), runs),
    start(EVERY.minute, recheckReleased(requests), runs),
    start(
      EVERY.minute,
      (stopping) => offerAll(context, stopping),
      'what is ready to be shipped could not be offered',
    ),
    start(EVERY.tenSeconds, () => remindAll(requests), 'who waits could not be looked at'),
    {
      stop: async () => {
        await asking.stop();
        await prompts.idle();
      },
    },
    start(EVERY.fiveSeconds, () => advanceAll(requests, voice), 'what is planned could not go on'),
    start(EVERY.tenSeconds, () => tellAllAuthors(context), 'authors could not be told of a release'),
    // What sources without a history saw, so that a restart before the deploy loses nothing of the baseline.
    start(EVERY.tenSeconds, () => keepBaselines(requests), 'baselines could not be stored', false),
    start(EVERY.twentySeconds, () => lookForIssues(context), 'issues could not be looked for', false),
  ];
}

/** Delivers what people told runs and whoever stored it could not; at first everything. */
function delivering(requests: RequestContext): () => Promise<void> {
  let olderThanMs = 0;
  return async () => {
    await deliver(requests, { olderThanMs });
    olderThanMs = LATE_MS;
  };
}

/** Those who are to decide, those who owe an acknowledgement, and those who wait for a service that became free. */
function remindAll(requests: RequestContext): Promise<void> {
  const work = [remindOfUndecided, remindOfDebts, callThoseWhoWait];
  return forEach(work, async (one) => {
    await one(requests);
  });
}

/** Issues that users open about a release while it is watched. */
async function lookForIssues({ requests, log }: HandlerContext): Promise<void> {
  try {
    await reportIssues(requests);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log.debug({ err: error }, 'issues could not be looked for');
  }
}

/** Tells people who want to know that their commits are in production, or were rolled back. */
function tellAllAuthors(context: HandlerContext): Promise<void> {
  const { requests, client, log } = context;
  return tellAuthors(requests, async (user, { kind, promotion, commits }) => {
    const news = authorNews(kind, promotion, commits);
    const { text, blocks } = withThread(news, await threadUrl(context, promotion.id));
    await said(log, () => client.chat.postMessage({ channel: user, text, blocks }));
  });
}
