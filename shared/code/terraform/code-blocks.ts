/** A block at the top of a file of Terraform code. */
export interface CodeBlock {
  /** Its labels: type and name of a resource, name of a module. */
  readonly kind: 'resource' | 'module';
  readonly labels: readonly string[];
  /** Counted from 1. */
  readonly line: number;
  /** Of its arguments and blocks the names, of a `dynamic` block its label, each with the lines where they begin. */
  readonly inside: ReadonlyMap<string, readonly number[]>;
  /** Where a module comes from, if that is plain text. */
  readonly source: string | undefined;
}

/**
 * The blocks `resource` and `module` of one file. Reads no expressions: only where strings, comments, heredocs and braces
 * begin and end. What is not closed ends with the file. No parser of HCL was found that is small and tells lines: those of
 * npm are the Go one compiled to 4 MB of JavaScript or WebAssembly, and hand out JSON without positions, or a binding of
 * tree-sitter that is compiled for each machine.
 * https://developer.hashicorp.com/terraform/language/syntax/configuration
 */
export function codeBlocks(text: string): CodeBlock[] {
  const scan = new Scanner(text);
  const blocks: CodeBlock[] = [];
  let words: Token[] = [];
  for (let token = scan.next(); token; token = scan.next()) {
    if (token.kind === 'newline' || token.text === '}') words = [];
    else if (token.text === '{') {
      const [first, ...labels] = words;
      const kind = first?.text;
      const wanted = kind === 'resource' ? 2 : kind === 'module' ? 1 : undefined;
      const inside = insideOf(scan);
      if ((kind === 'resource' || kind === 'module') && labels.length === wanted) {
        blocks.push({ kind, labels: labels.map((label) => label.text), line: first!.line, ...inside });
      }
      words = [];
    } else words.push(token);
  }
  return blocks;
}

/** Reads on to the brace that closes the block which was just opened. */
function insideOf(scan: Scanner): Pick<CodeBlock, 'inside' | 'source'> {
  const inside = new Map<string, number[]>();
  let source: string | undefined;
  let depth = 1;
  let words: Token[] = [];
  const note = (token: Token, name = token.text): void => {
    inside.set(name, [...(inside.get(name) ?? []), token.line]);
  };
  for (let token = scan.next(); token; token = scan.next()) {
    const isDirect = depth === 1;
    if (token.text === '{' || token.text === '[' || token.text === '(') {
      const [first, label] = words;
      if (isDirect && token.text === '{' && first?.kind === 'word' && words.every(({ text }) => text !== '=')) {
        note(first, first.text === 'dynamic' && label ? label.text : first.text);
      }
      depth++;
    } else if (token.text === '}' || token.text === ']' || token.text === ')') {
      if (--depth === 0) break;
    } else if (isDirect && token.kind === 'newline') words = [];
    else if (isDirect) {
      if (token.text === '=' && words.length === 1) note(words[0]!);
      if (token.kind === 'string' && words.length === 2 && words[0]!.text === 'source') source = token.text;
      words.push(token);
    }
  }
  return { inside, source };
}

interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'newline';
  /** Of a string, what is between its quotes. */
  readonly text: string;
  readonly line: number;
}

const WORD = /[\p{L}\p{N}_-]+/uy;
const HEREDOC = /<<-?([\p{L}\p{N}_-]+)[^\n]*\n/uy;

class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined at the end. */
  next(): Token | undefined {
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text[this.#at]!;
      if (c === '\n') return this.#token('newline', '\n');
      if (c === ' ' || c === '\t' || c === '\r' || c === '\uFEFF') continue;
      if (c === '#' || this.#text.startsWith('//', this.#at)) {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = (end < 0 ? this.#text.length : end) - 1;
      } else if (this.#text.startsWith('/*', this.#at)) {
        const end = this.#text.indexOf('*/', this.#at + 2);
        this.#skipTo(end < 0 ? this.#text.length : end + 2);
        this.#at--;
      } else if (c === '"') return this.#string();
      else if (c === '<' && this.#isHeredoc()) continue;
      else {
        WORD.lastIndex = this.#at;
        const word = WORD.exec(this.#text)?.[0];
        return this.#token(word === undefined ? 'sign' : 'word', word ?? c);
      }
    }
    return undefined;
  }

  #token(kind: Token['kind'], text: string): Token {
    const line = this.#line;
    this.#skipTo(this.#at + text.length);
    return { kind, text, line };
  }

  /** A quoted template: `${…}` and `%{…}` may hold quotes and braces of their own. */
  #string(): Token {
    const [from, line] = [this.#at, this.#line];
    /** Of what is open, innermost last: `"` a string, `{` an expression in it or braces in that. */
    const open = ['"'];
    let at = from + 1;
    for (; at < this.#text.length && open.length > 0; at++) {
      const c = this.#text[at];
      if (open.at(-1) === '"') {
        if (c === '\\') at++;
        else if (c === '"') open.pop();
        else if ((c === '$' || c === '%') && this.#text[at + 1] === '{') {
          // `$${` is no expression.
          if (this.#text[at - 1] !== c) open.push('{');
          at++;
        }
      } else if (c === '"' || c === '{') open.push(c);
      else if (c === '}') open.pop();
    }
    this.#skipTo(at);
    return { kind: 'string', text: this.#text.slice(from + 1, open.length === 0 ? at - 1 : at), line };
  }

  /** Passes one, up to the line that ends it. */
  #isHeredoc(): boolean {
    HEREDOC.lastIndex = this.#at;
    const head = HEREDOC.exec(this.#text);
    if (!head) return false;
    let at = HEREDOC.lastIndex;
    while (at < this.#text.length) {
      const end = this.#text.indexOf('\n', at);
      const line = this.#text.slice(at, end < 0 ? undefined : end);
      if (line.trim() === head[1]) {
        at += line.length;
        break;
      }
      at = end < 0 ? this.#text.length : end + 1;
    }
    this.#skipTo(at);
    this.#at--;
    return true;
  }

  #skipTo(to: number): void {
    for (let at = this.#at; at < to && at < this.#text.length; at++) if (this.#text[at] === '\n') this.#line++;
    this.#at = to;
  }
}
