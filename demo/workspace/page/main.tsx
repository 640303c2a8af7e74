import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './theme.ts';
import { createWorkspace } from './workspace.ts';

applyTheme();
const root = document.getElementById('page');
if (root !== null) render(<App workspace={createWorkspace()} />, root);
