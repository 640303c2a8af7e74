import { commitValidation } from '../../flows/requests/features.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';
import { withService } from '../with-service.ts';

/**
 * Records in the state file that somebody validated what is on staging. Whoever may push to the branch may do this; in
 * Slack it takes the right to approve.
 */
export async function validateStaging(invocation: Invocation): Promise<number | null> {
  const { words, options, output } = invocation;
  const [service, ...more] = words;
  const by = (options.by ?? '').trim();
  if (service === undefined || more.length > 0) return null;
  if (by === '') {
    output.message('Say who validated it: --by "Grace Hopper".');
    return EXIT.usage;
  }
  const seen = options.feature === undefined ? {} : { feature: options.feature };
  const { feature, path, commit, waitsIn } = await withService(invocation, service, (ports) =>
    commitValidation(ports, seen, by),
  );
  await output.result(
    `${path}: ${feature} at ${commit.slice(0, 7)} is validated on staging, by ${by}.${waitsIn ? ` It waits in ${waitsIn}.` : ''}\n`,
  );
  return EXIT.done;
}
