import type { z } from 'zod';
import { HttpUrl } from '../../adapters/shared/http.ts';
import { ServiceName } from '../../config/schema.ts';
import { Channel } from '../../config/settings/reports.ts';
import { DEPLOY_FORMS, type DeployAnswer, deployOf } from './deploys.ts';
import { type Found, INIT_SUBJECTS, type InitSubject } from './found.ts';
import { type RepositoryAnswer, repositoryOf } from './repository.ts';

/** All that is asked, understood. */
export interface Answers {
  readonly service: string;
  readonly repository: RepositoryAnswer;
  readonly channel: string;
  readonly deploy: DeployAnswer;
  readonly health: string;
}

type Given = Readonly<Partial<Record<InitSubject, string>>>;

export const QUESTIONS: Readonly<Record<InitSubject, string>> = {
  service: 'What is the service called? People type this after /ship-prod.',
  repository: 'Where is its git repository? An address, or owner/name on GitHub.',
  channel: 'Which Slack channel gets its releases?',
  deploy: `How is it deployed to production? ${DEPLOY_FORMS}.`,
  health: 'Which address says that production is healthy? For example https://shop.example.com/health.',
};

/** What is wrong with an answer, as a sentence; null when it can be used. */
export function problemOf(subject: InitSubject, typed: string, { repository = '' }: Given): string | null {
  switch (subject) {
    case 'service':
      return said(ServiceName, typed);
    case 'channel':
      return said(Channel, typed);
    case 'health':
      return said(HttpUrl, typed);
    case 'repository':
      return repositoryOf(typed) === null
        ? 'Give an https or ssh address, a path, or owner/name on GitHub.'
        : null;
    case 'deploy': {
      // The address of production is asked for afterwards.
      const deploy = deployOf(typed, repositoryOf(repository)?.host ?? 'git', 'https://shop.example.com');
      return typeof deploy === 'string' ? deploy : null;
    }
  }
}

function said(schema: z.ZodType<string>, typed: string): string | null {
  const { error } = schema.safeParse(typed);
  return error === undefined ? null : `Give ${error.issues[0]?.message ?? 'something else'}.`;
}

/** Asks for whatever no flag says; what was found is the answer of an empty line. */
export async function askAll(
  flags: Given,
  found: Found,
  ask: (question: string) => Promise<string>,
): Promise<Given> {
  const answers: Partial<Record<InitSubject, string>> = { ...flags };
  for (const subject of INIT_SUBJECTS) {
    if (answers[subject] !== undefined) continue;
    const likely = found.answers[subject];
    let problem: string | null = QUESTIONS[subject];
    while (problem !== null) {
      const typed = await ask(`${problem}${likely === undefined ? '' : `\n[${likely}]`} `);
      const answer = typed.trim() || (likely ?? '');
      answers[subject] = answer;
      problem = problemOf(subject, answer, answers);
    }
  }
  return answers;
}

/** Answers without a problem as what they mean; null while one is missing. */
export function understood(given: Given): Answers | null {
  const { service, channel, health } = given;
  const repository = repositoryOf(given.repository ?? '');
  if (service === undefined || channel === undefined || health === undefined || repository === null)
    return null;
  const deploy = deployOf(given.deploy ?? '', repository.host, new URL(health).origin);
  return typeof deploy === 'string' ? null : { service, repository, channel, deploy, health };
}
