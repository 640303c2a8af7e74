import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { HerokuApi } from './heroku-api.ts';

/** Ids of a pipeline and of the two apps in it. */
export interface HerokuPipeline {
  readonly id: string;
  readonly app: string;
  readonly staging: string;
}

/** Both apps in one pipeline, and production last; Refusal `target-misconfigured` otherwise. */
export async function pipelineOf(
  api: HerokuApi,
  { app, staging }: { readonly app: string; readonly staging: string },
  signal?: AbortSignal,
): Promise<HerokuPipeline> {
  const [to, from] = await Promise.all([api.coupling(app, signal), api.coupling(staging, signal)]);
  const wrong =
    to === null
      ? `${app} is in no pipeline`
      : from?.pipeline.id !== to.pipeline.id
        ? `${staging} is not in the pipeline of ${app}`
        : to.stage !== 'production'
          ? `${app} stands at the stage ${to.stage} of its pipeline, not at production`
          : null;
  if (to && from && wrong === null) return { id: to.pipeline.id, app: to.app.id, staging: from.app.id };
  throw new Refusal('target-misconfigured', { target: 'Heroku', reason: wrong ?? '' });
}
