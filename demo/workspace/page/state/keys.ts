import type { Container } from '../../protocol/views.ts';

/** The keys under which the state keeps what belongs to a message, a view or an element of theirs. */

export function containerKey(container: Container): string {
  return container.type === 'view' ? container.viewId : `${container.channel} ${container.ts}`;
}

export function inputKey(blockId: string, actionId: string): string {
  return `${blockId} ${actionId}`;
}

export function actionKey(container: Container, blockId: string, actionId: string): string {
  return `act ${containerKey(container)} ${inputKey(blockId, actionId)}`;
}
