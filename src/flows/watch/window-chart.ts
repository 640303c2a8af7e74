import { type ChartData, watchChart } from '../../domain/judge/chart.ts';
import type { Judgement } from '../../domain/judge/verdict.ts';
import type { Release } from '../../domain/release/release.ts';
import { comparable, judgeRulesOf } from '../run/baseline.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** The metric that speaks loudest in a judgement, before and since the deploy, as it is now. */
export function windowChart(
  run: PromotionRun,
  { tag }: Release,
  deployedAt: number,
  judgement: Judgement,
): Promise<ChartData> {
  const facts = { release: tag, deployedAt, ...judgeRulesOf(run.ports) };
  return run.step('chart', async () => {
    const samples = await comparable(run.ports, await run.ports.ledger.samples(run.id));
    return watchChart(samples, judgement, facts);
  });
}
