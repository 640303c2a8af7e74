import { render } from 'preact';
import { App } from './shell/app.tsx';
import { applyTheme } from './shell/theme.ts';
import { createWorkspace } from './workspace/workspace.ts';

applyTheme();
const root = document.getElementById('page');
if (root !== null) render(<App workspace={createWorkspace()} />, root);
