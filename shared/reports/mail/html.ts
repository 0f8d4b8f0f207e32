import { plainText, shorten } from '../../text/plain.ts';

/** Markup that is safe to send. Only {@link html} makes it, so a text that somebody forgot to escape cannot become markup. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = string | number | Html | readonly Html[];

/** A template whose texts are escaped, for elements and for quoted attributes alike. */
export function html(markup: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(markup.map((text, i) => (i === 0 ? text : `${markupOf(parts[i - 1]!)}${text}`)).join(''));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(({ markup }) => markup).join('');
  return escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Zero width space: nothing to see, and the end of a link. */
const BREAK = '\u200b';

/**
 * Text of others, for one line of a mail: nothing invisible, not longer than `length` characters, and not what mail
 * programs turn into a link by themselves (`https://…`, `www.…`, `a@b.c`): a name is no way to send somebody somewhere.
 */
export function foreign(text: string, length = NAME_SHOWN): string {
  return shorten(plainText(text), length).replace(/:(?=\/)|@|\.(?=\p{L})/gu, (character) => `${character}${BREAK}`);
}

/** Of names, which AWS lets be 255 characters long. */
const NAME_SHOWN = 60;
