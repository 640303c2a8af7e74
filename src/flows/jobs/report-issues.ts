import { shortQuote } from '../../domain/reports/words.ts';
import { countReport } from '../requests/report.ts';
import type { RequestContext } from '../requests/request.ts';
import { forEach } from '../run/for-each.ts';
import type { Ports } from '../run/ports.ts';

/** All processes together look this often, in ms. */
const EVERY_MS = 60_000;

/**
 * Counts the issues that were opened on the host since the deployment of a release that is watched now. What does not
 * answer is asked again with the next call.
 */
export async function reportIssues(requests: RequestContext): Promise<void> {
  await forEach([...requests.services.values()], (ports) => reportIssuesOf(requests, ports));
}

async function reportIssuesOf(requests: RequestContext, { service, repository }: Ports): Promise<void> {
  const labels = service.reports?.issues ?? [];
  if (labels.length === 0 || repository.openedIssues === undefined) return;
  const promotion = await requests.ledger.openFor(service.name);
  const { deployment } = promotion?.data ?? {};
  if (promotion?.state !== 'monitoring' || deployment === undefined) return;
  const turn = Math.floor(requests.now() / EVERY_MS);
  if (!(await requests.ledger.once(`issues:${promotion.id}:${turn}`))) return;
  for (const issue of await repository.openedIssues(labels, deployment.finishedAt)) {
    const { number, title, url, by } = issue;
    await countReport(requests, service.name, {
      key: `issue:${number}`,
      place: 'issue',
      by,
      isPerson: false,
      text: title,
      quote: shortQuote(`#${number} ${title}`),
      link: url,
    });
  }
}
