/**
 * Other people's text made safe for a terminal or a log line: control characters (escape sequences, line breaks) and
 * invisible format characters (right-to-left marks) become `?`.
 */
export function plainText(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const LONGEST = 120;

/**
 * Other people's text made fit for one line of a message: ids and CIDRs as they are, anything else as {@link quoted}
 * has it, at most 120 characters.
 */
export function shown(text: string): string {
  return /^[\w.:/+=@-]{1,120}$/.test(text) ? text : quoted(text, LONGEST);
}

/** The same for text that always stands in quotes, cut after `length` characters; what is invisible becomes `\uXXXX`. */
export function quoted(text: string, length = 40): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return JSON.stringify(cut).replace(INVISIBLE, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => {
    return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** The text, or as much of it as `length` characters hold, the last one being an ellipsis. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}
