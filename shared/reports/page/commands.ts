import { button, el, fill } from './dom.ts';
import { visible } from './text.ts';

/** A shell command with a button that copies it; nothing is copied that would not be what one sees. */
export function command(label: string, text: string): HTMLElement {
  const shown = el('code', { tabindex: '0' }, text);
  if (visible(text) !== text) {
    const warning = 'It holds characters that do not show: check it, and type it by hand.';
    return el('div', { class: 'command' }, el('span', {}, label), shown, el('p', { class: 'warning' }, warning));
  }
  const told = el('span', { class: 'told', role: 'status' });
  const copy = button(
    'Copy',
    () => {
      navigator.clipboard.writeText(text).then(
        () => fill(told, 'copied'),
        () => {
          getSelection()?.selectAllChildren(shown);
          fill(told, 'selected: press Ctrl+C');
        },
      );
    },
    { 'aria-label': `Copy: ${label}` },
  );
  return el('div', { class: 'command' }, el('span', {}, label), shown, copy, told);
}
