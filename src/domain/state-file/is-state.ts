import { parseState } from './document.ts';
import { readStateFiles } from './read.ts';
import { keyWord } from './vocabulary.ts';

const KEYS = [
  'artifacts base_directory completed_phases current_feature current_phase deployment deployment_model',
  'deployment_state deployments feature last_updated manual_gates next note phase phases phases_completed',
  'quality_gates started status token_budget updated_at workflow workflow_state workflow_type',
].flatMap((line) => line.split(' '));

/** Whether a file says what state files say, and has nothing beside it at its root that a program might read. */
export function isStateFile(path: string, bytes: Uint8Array): boolean {
  const parsed = parseState(path, bytes);
  if (parsed.kind === 'unreadable') return false;
  const { phase, stagingValidation, stagingDeployment } = readStateFiles([{ path, bytes }]);
  return (
    parsed.document.root.entries.every(([key]) => KEYS.includes(keyWord(key))) &&
    [phase, stagingValidation, stagingDeployment].some(({ kind }) => kind === 'value')
  );
}
