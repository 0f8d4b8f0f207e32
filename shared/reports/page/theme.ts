import { button } from './dom.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'stale-sg-theme';

/** Follows the system until told otherwise; remembers that where the browser lets it. */
export function themeButton(changed: () => void): HTMLButtonElement {
  let theme: Theme = remembered();
  const made = button('', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
    show();
    remember(theme);
    changed();
  });
  const show = (): void => {
    document.documentElement.dataset.theme = theme;
    made.textContent = `Theme: ${theme}`;
  };
  show();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  return made;
}

export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}

/** Pages from disk may have no storage at all: then nothing is remembered. */
function remembered(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See above.
  }
}
