import { visible } from './text.ts';

/** Text becomes a text node, with what is invisible spelt out; never markup. */
export type Child = Node | string | null;

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An element; attributes that are `false` are left out. Handlers and styles are set on what is returned. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** Puts the children in the place of what an element holds. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...nodes(children));
}

function nodes(children: readonly Child[]): (Node | string)[] {
  return children
    .filter((child) => child !== null)
    .map((child) => (typeof child === 'string' ? document.createTextNode(visible(child)) : child));
}

/** Text of others: its own direction of writing stays inside of it. */
export function name(text: string): HTMLElement {
  return el('bdi', { class: text.length > SHORT_NAME ? 'long' : false }, text);
}

/** Names are what people know things by: the id is below, smaller; alone where there is no name. */
export function nameOverId(text: string | null | undefined, id: string): HTMLElement {
  if (text === null || text === undefined || text === '' || text === id) return name(id);
  return el('span', { class: 'named' }, name(text), ' ', el('small', {}, name(id)));
}

/** Ids of AWS are this long; what is longer may be broken anywhere. */
const SHORT_NAME = 24;

export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = el('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', onClick);
  return made;
}

export function link(hash: string, ...children: readonly Child[]): HTMLAnchorElement {
  return el('a', { href: hash }, ...children);
}

/** A bar whose length is a share, 0 to 1; beside a figure, so it says nothing to those who cannot see it. */
export function bar(share: number, kind = ''): HTMLElement {
  const made = el('span', { class: `bar ${kind}`, 'aria-hidden': 'true' });
  made.style.setProperty('--share', String(Math.max(0, Math.min(1, share))));
  return made;
}

/** What a colour stands for, in a legend. */
export function keyOf(meaning: string, colour: string): HTMLElement {
  const swatch = el('span', { class: 'swatch' });
  swatch.style.setProperty('background-color', colour);
  return el('span', {}, swatch, meaning);
}

/** Terms, each with what is said of it. */
export function pairs(entries: readonly (readonly [string, Child])[]): HTMLElement {
  return el('dl', { class: 'pairs' }, ...entries.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)]));
}

export interface ColumnHead {
  readonly title: string;
  readonly numeric?: boolean;
}

/** A plain table. */
export function plainTable(
  caption: string,
  columns: readonly ColumnHead[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const heads = columns.map((column) => columnHead(column, column.title));
  const lines = rows.map((cells) => tableRow(cells.map((cell, i) => tableCell(columns[i]!, cell))));
  return liveTable('cards', el('caption', {}, caption), heads, lines).element;
}

/**
 * On narrow screens a table is shown as cards, each cell beside the title of its column. Rows and cells say what they
 * are, since browsers forget that where their layout is another.
 */
export function liveTable(
  kind: string,
  caption: HTMLElement,
  heads: readonly HTMLElement[],
  rows: readonly HTMLElement[],
): { readonly element: HTMLElement; readonly body: HTMLElement } {
  const head = el('thead', { role: 'rowgroup' }, tableRow(heads));
  const body = el('tbody', { role: 'rowgroup' }, ...rows);
  return { element: el('table', { class: kind, role: 'table' }, caption, head, body), body };
}

export function tableRow(cells: readonly HTMLElement[]): HTMLElement {
  return el('tr', { role: 'row' }, ...cells);
}

export function columnHead({ numeric }: ColumnHead, ...children: readonly Child[]): HTMLElement {
  return el('th', { scope: 'col', role: 'columnheader', class: numeric ? 'number' : false }, ...children);
}

export function tableCell({ title, numeric }: ColumnHead, ...children: readonly Child[]): HTMLElement {
  return el('td', { 'data-title': title, role: 'cell', class: numeric ? 'number' : false }, ...children);
}
