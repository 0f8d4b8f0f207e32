import { InventoryError } from './inventory-error.ts';

/** One JSON object as `aws` printed it: a whole answer, or one page of it. */
export interface JsonPage {
  /** For messages: the file, and the page where the file holds several. */
  readonly source: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * The pages in the text of one file: a JSON object; several, one after the other with or without white space between
 * (pages that were appended); or an array of them (`jq -s`). Byte order marks are skipped.
 * Throws an InventoryError that names file, page, line and column (1-based) for anything else.
 */
export function jsonPages(text: string, name: string): JsonPage[] {
  const values = documents(text, name).flat(1);
  if (values.length === 0) throw new InventoryError(`${name}: holds no JSON object`);
  return values.map((value, index) => {
    const source = values.length === 1 ? name : `${name}, page ${index + 1}`;
    if (!isObject(value)) throw new InventoryError(`${source}: expected an object, found ${kindOf(value)}`);
    return { source, value };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function documents(text: string, name: string): unknown[] {
  const single = parsed(text);
  if (single) return [single.value];
  const found: unknown[] = [];
  try {
    for (let at = skipGap(text, 0); at < text.length; at = skipGap(text, at)) {
      const end = endOfDocument(text, at);
      found.push(JSON.parse(text.slice(at, end)));
      at = end;
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const page = found.flat(1).length + 1;
    throw new InventoryError(`${name}: page ${page}, ${position(text, error.at)}: ${error.message}`);
  }
  return found;
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function position(text: string, at: number): string {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}

/** What is wrong, and at which UTF-16 offset. */
class Broken extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const CUT = 'the text ends inside this page: was the output cut off?';

function expected(text: string, at: number, what: string): Broken {
  return new Broken(at, at < text.length ? `expected ${what}` : CUT);
}

/**
 * The offset after the object or array that starts at `from`. A strict walk (RFC 8259), since the messages of
 * `JSON.parse` name no position as a rule and quote the text. Keeps its own stack: depth cannot overflow ours.
 */
function endOfDocument(text: string, from: number): number {
  if (text[from] !== '{' && text[from] !== '[') throw expected(text, from, "'{' or '['");
  const closers: string[] = [];
  let wantsValue = true;
  let at = from;
  do {
    at = skipSpace(text, at);
    const c = text[at];
    const closer = closers.at(-1);
    if (wantsValue && (c === '{' || c === '[')) {
      closers.push(c === '{' ? '}' : ']');
      at = skipSpace(text, at + 1);
      wantsValue = text[at] !== closers.at(-1);
      if (wantsValue && c === '{') at = endOfKey(text, at);
    } else if (wantsValue) {
      at = endOfScalar(text, at);
      wantsValue = false;
    } else if (c === closer) {
      closers.pop();
      at++;
    } else if (c === ',') {
      at = closer === '}' ? endOfKey(text, at + 1) : at + 1;
      wantsValue = true;
    } else {
      throw expected(text, at, `',' or '${closer}'`);
    }
  } while (closers.length > 0);
  return at;
}

function skipSpace(text: string, from: number, space = ' \n\r\t'): number {
  let at = from;
  while (at < text.length && space.includes(text[at]!)) at++;
  return at;
}

/** Between pages: each may have come from a file with a byte order mark of its own. */
function skipGap(text: string, from: number): number {
  return skipSpace(text, from, ' \n\r\t\uFEFF');
}

function endOfKey(text: string, from: number): number {
  const start = skipSpace(text, from);
  if (text[start] !== '"') throw expected(text, start, 'a property name');
  const at = skipSpace(text, endOfString(text, start));
  if (text[at] !== ':') throw expected(text, at, "':'");
  return at + 1;
}

const NUMBER_OR_WORD = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

function endOfScalar(text: string, from: number): number {
  if (text[from] === '"') return endOfString(text, from);
  NUMBER_OR_WORD.lastIndex = from;
  if (NUMBER_OR_WORD.test(text)) return NUMBER_OR_WORD.lastIndex;
  throw expected(text, isCutAt(text, from, /^[\w.+-]*$/) ? text.length : from, 'a value');
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) throw new Broken(at, 'a string is not closed on its line');
    if (code === 0x5c) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) {
        throw expected(text, isCutAt(text, at, /^\\(?:u\w{0,3})?$/) ? text.length : at, 'a valid escape');
      }
      at = ESCAPE.lastIndex;
    } else {
      at++;
    }
  }
  throw new Broken(at, CUT);
}

/** Whether the text ends after `from` in the beginning of a token. */
function isCutAt(text: string, from: number, beginning: RegExp): boolean {
  return text.length - from <= 32 && beginning.test(text.slice(from));
}
