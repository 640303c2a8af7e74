import { examineInstallation } from '../../doctor/doctor.ts';
import { findingsText } from '../../doctor/text.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** Says what must be fixed before `start`. */
export async function doctor({ env, options, output }: Invocation): Promise<number> {
  const findings = await examineInstallation(env);
  await output.result(options.json ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
  return findings.some(({ status }) => status === 'problem') ? EXIT.refused : EXIT.done;
}
