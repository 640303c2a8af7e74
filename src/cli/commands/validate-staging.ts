import { commitValidation } from '../../flows/requests/features.ts';
import { commandHelp } from '../help.ts';
import { withService } from '../inspect-service.ts';
import { type Invocation, quietLog } from '../invocation.ts';
import { EXIT, sayWaiting } from '../output.ts';

/**
 * Records in the state file that somebody validated what is on staging. Whoever may push to the branch may do this; in
 * Slack it takes the right to approve.
 */
export async function validateStaging({ words, options, env, output }: Invocation): Promise<number> {
  const [service, ...more] = words;
  const by = (options.by ?? '').trim();
  if (service === undefined || more.length > 0) {
    output.message(commandHelp('validate-staging'));
    return EXIT.usage;
  }
  if (by === '') {
    output.message('Say who validated it: --by "Grace Hopper".');
    return EXIT.usage;
  }
  const seen = options.feature === undefined ? {} : { feature: options.feature };
  const terminal = { env, log: quietLog(env), onWait: sayWaiting(output) };
  const { feature, path, commit, waitsIn } = await withService(terminal, service, (ports) =>
    commitValidation(ports, seen, by),
  );
  await output.result(
    `${path}: ${feature} at ${commit.slice(0, 7)} is validated on staging, by ${by}.${waitsIn ? ` It waits in ${waitsIn}.` : ''}\n`,
  );
  return EXIT.done;
}
