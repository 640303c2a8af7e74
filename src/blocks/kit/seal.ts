import type { Seal } from '../../domain/text/seal.ts';
import { buttonPurpose, viewPurpose } from './ids.ts';

/**
 * A copy of a message, view or list of blocks in which the value of each button and the private_metadata of each view is
 * an opaque token, which nobody can read, make, or use for another kind of button. Everything else is copied as it is.
 */
export function sealed<T>(content: T, seal: Seal): T {
  return copy(content, seal) as T;
}

function copy(part: unknown, seal: Seal): unknown {
  if (Array.isArray(part)) return part.map((one) => copy(one, seal));
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return part;
  const fields = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, copy(value, seal)]));
  const { type, action_id: id, callback_id: callback, value, private_metadata: metadata } = fields;
  if (type === 'button' && typeof id === 'string' && typeof value === 'string') {
    fields['value'] = seal.close(value, buttonPurpose(id));
  }
  if (type === 'modal' && typeof callback === 'string' && typeof metadata === 'string' && metadata !== '') {
    fields['private_metadata'] = seal.close(metadata, viewPurpose(callback));
  }
  return fields;
}
