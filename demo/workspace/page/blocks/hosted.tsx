import type { KnownBlock } from '@slack/types';
import { useMemo } from 'preact/hooks';
import type { Container } from '../../protocol/views.ts';
import { actionKey, containerKey, inputKey } from '../state/keys.ts';
import { channelInView } from '../state/state.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';
import { Blocks } from './blocks.tsx';
import { type BlockHost, BlockHostContext, type Tell } from './host.ts';
import { elementsOf, stateOf } from './values.ts';

interface Props {
  readonly surface: BlockHost['surface'];
  readonly container: Container;
  readonly blocks: readonly KnownBlock[];
}

const holdsFocus = /_input$|select$|picker$/;

/** Blocks that work: what is typed is kept, what is pressed is told to the app. */
export function HostedBlocks({ surface, container, blocks }: Props) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const key = containerKey(container);
  const placed = useMemo(() => elementsOf(blocks), [blocks]);
  const inputs = state.inputs[key] ?? {};
  const here = channelInView(state);
  const errors = container.type === 'view' ? state.viewErrors[container.viewId] : undefined;
  const wished = placed.find(({ element }) => element['focus_on_load'] === true);
  const first = placed.find(({ element }) => holdsFocus.test(element.type));
  const focus = surface === 'modal' ? (wished ?? first) : undefined;

  async function tellApp(blockId: string, actionId: string, tell: Tell, values = currentValues()) {
    if (tell.confirm !== undefined && !(await workspace.question(tell.confirm))) return;
    await workspace.act(container, blockId, actionId, values, values[blockId]?.[actionId], tell.rendered);
  }

  function currentValues() {
    return stateOf(blocks, workspace.state().inputs[key] ?? {}, here);
  }

  const host: BlockHost = {
    surface,
    container,
    value: (blockId, actionId) => stateOf(blocks, inputs, here)[blockId]?.[actionId],
    put(blockId, actionId, value, tell) {
      if (value.type === 'overflow') return void choose(blockId, actionId, value, tell ?? {});
      workspace.put(container, blockId, actionId, value);
      if (tell !== undefined) void tellApp(blockId, actionId, tell);
    },
    press: (blockId, actionId, tell) => void tellApp(blockId, actionId, tell),
    busy: (blockId, actionId) => state.busy.has(actionKey(container, blockId, actionId)),
    error: (blockId) => errors?.[blockId],
    focused: focus === undefined ? undefined : inputKey(focus.blockId, focus.actionId),
  };

  /** An overflow menu holds no value: its choice goes along with this one call. */
  async function choose(
    blockId: string,
    actionId: string,
    value: Parameters<BlockHost['put']>[2],
    tell: Tell,
  ) {
    if (tell.confirm !== undefined && !(await workspace.question(tell.confirm))) return;
    await workspace.act(container, blockId, actionId, currentValues(), value);
  }

  return (
    <BlockHostContext.Provider value={host}>
      <Blocks blocks={blocks} />
    </BlockHostContext.Provider>
  );
}
