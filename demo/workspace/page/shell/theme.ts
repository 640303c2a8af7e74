const key = 'workspace-theme';

type Theme = 'light' | 'dark';

function stored(): Theme | null {
  const value = window.localStorage.getItem(key);
  return value === 'light' || value === 'dark' ? value : null;
}

/** The chosen colours, else those of the system. */
export function isDark(): boolean {
  return (
    (stored() ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
  );
}

export function setTheme(theme: Theme): void {
  window.localStorage.setItem(key, theme);
  applyTheme();
}

export function applyTheme(): void {
  const theme = stored();
  if (theme === null) delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
