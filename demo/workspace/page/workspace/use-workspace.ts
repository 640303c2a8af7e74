import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Directory, empty, type State } from '../state/state.ts';
import type { Workspace } from './workspace.ts';

export const WorkspaceContext = createContext<Workspace | null>(null);
export const StateContext = createContext<State>(empty);
export const DirectoryContext = createContext<Directory>(empty);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (workspace === null) throw new Error('no workspace above this component');
  return workspace;
}

export function useWorkspaceState(): State {
  return useContext(StateContext);
}

/** For what is drawn hundreds of times: drawn again only when people or channels change. */
export function useDirectory(): Directory {
  return useContext(DirectoryContext);
}
