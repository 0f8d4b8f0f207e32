import type { CodeBlock } from './code-blocks.ts';

/** Keys of objects around what is asked for: `resource`, type, name, `dynamic`, label. What lies deeper is not told apart. */
const DEEPEST = 6;
const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs;

interface Open {
  readonly isObject: boolean;
  /** Of the objects around it; lists have no key. */
  readonly path: readonly string[];
  /** The key whose value is next; undefined before one. */
  key: string | undefined;
}

/**
 * The blocks `resource` and `module` of one file in the JSON syntax, with their lines, which no parser of JSON tells. What is not
 * closed ends with the file.
 * https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function jsonBlocks(text: string): CodeBlock[] {
  const blocks = new Map<string, CodeBlock & { source: string | undefined; inside: Map<string, number[]> }>();
  const open: Open[] = [];
  let [line, at] = [1, 0];
  const found = (path: readonly string[], on: number): void => {
    const [kind, ...labels] = path;
    if (kind !== 'resource' && kind !== 'module') return;
    const wanted = kind === 'resource' ? 2 : 1;
    const key = JSON.stringify(path.slice(0, wanted + 1));
    if (labels.length === wanted) {
      if (!blocks.has(key)) blocks.set(key, { kind, labels, line: on, inside: new Map(), source: undefined });
      return;
    }
    const [name, label] = labels.slice(wanted);
    const inside = blocks.get(key)?.inside;
    const told = name === 'dynamic' ? label : label === undefined ? name : undefined;
    if (inside && told !== undefined) inside.set(told, [...(inside.get(told) ?? []), on]);
  };
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    for (; at < index; at++) if (text[at] === '\n') line++;
    const top = open.at(-1);
    const path = top?.key === undefined || top.path.length >= DEEPEST ? (top?.path ?? []) : [...top.path, top.key];
    if (token === '{' || token === '[') open.push({ isObject: token === '{', path, key: undefined });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (top?.isObject) top.key = undefined;
    } else if (token.startsWith('"') && top?.isObject) {
      if (top.key === undefined) {
        top.key = plainString(token);
        if (top.path.length < DEEPEST) found([...top.path, top.key], line);
      } else if (path.length === 3 && path[0] === 'module' && path[2] === 'source') {
        const block = blocks.get(JSON.stringify(path.slice(0, 2)));
        if (block) block.source = plainString(token);
      }
    }
  }
  return [...blocks.values()];
}

function plainString(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token.replace(/^"|"$/g, '');
  }
}
