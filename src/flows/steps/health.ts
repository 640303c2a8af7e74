import { healthVerdict } from '../../domain/promotion/health.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { verify } from './run-checks.ts';

/** How often an unhealthy production that nobody decides about is checked again, and people are told, in ms. */
const LOOK_AGAIN_MS = 30 * 60_000;

/** Health after the deploy; the order to roll back when it is not good enough. */
export async function proveHealthy(run: PromotionRun, release: Release): Promise<RollbackOrder | null> {
  const { ports, inbox } = run;
  const { service, checks, clock } = ports;
  for (let attempt = 1; ; attempt++) {
    await run.mark(`verifying-${attempt}`, {
      to: 'verifying',
      data: { decision: null, notice: null },
      progress: [{ name: 'health', status: 'running' }],
    });
    const results = await run.journal.step(`health-${attempt}`, () =>
      verify(checks, service.checkTiming, release, clock, (result) =>
        run.detail('health', `${result.name}: ${result.detail}`),
      ),
    );
    const verdict = healthVerdict(results);
    const bad = results.filter((result) => !result.ok).map((result) => `${result.name}: ${result.detail}`);
    const asks = verdict === 'critical' && service.policy.automaticRollback === 'never';
    await run.mark(`verified-${attempt}`, {
      data: { health: results, decision: asks ? 'unhealthy' : null },
      progress: [
        verdict === 'critical'
          ? { name: 'health', status: 'failed', detail: bad.join('; ') }
          : {
              name: 'health',
              status: 'done',
              detail: `${results.length - bad.length} of ${results.length} checks passed`,
            },
      ],
      notice: { kind: 'health', verdict, results },
      audit: { actor: 'slipway', action: 'health.checked', result: 'done', detail: { verdict, bad } },
    });
    if (verdict !== 'critical') return null;
    if (!asks) return { by: null, reason: `health checks failed (${bad.join('; ')})` };

    // A policy of never means never: without a person nothing is rolled back, however long it takes.
    const answer = await inbox.next(['rollback', 'accept', 'retry'], LOOK_AGAIN_MS);
    if (answer === null || answer.kind === 'retry') continue;
    if (answer.kind === 'rollback') return answer;
    const { by } = answer;
    await run.mark(`accepted-unhealthy-${attempt}`, {
      data: { decision: null },
      audit: { actor: by, action: 'health.accepted', result: 'done', detail: { bad } },
    });
    return null;
  }
}
