import { isReady } from '../../domain/promotion/feature.ts';
import { whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { featuresOf } from '../../flows/requests/features.ts';
import { portsOf } from '../../flows/requests/request.ts';
import type { HandlerContext } from './context.ts';

/** A form must be opened within three seconds of the click: after this time it opens without features, ms. */
const PATIENCE_MS = 1_500;

/** The features of a service for a select, newest first; empty when the repository does not answer in time. */
export async function featureChoices(
  context: HandlerContext,
  service: string,
): Promise<readonly { readonly slug: string; readonly ready: boolean }[]> {
  const tooLate = new Promise<[]>((resolve) => setTimeout(resolve, PATIENCE_MS, []).unref());
  const found = featuresOf(portsOf(context.requests, service)).then(
    (features) => features.map(({ folder, reading }) => ({ slug: folder.slug, ready: isReady(reading) })),
    whenRefusedOrAway([]),
  );
  return Promise.race([found, tooLate]);
}
