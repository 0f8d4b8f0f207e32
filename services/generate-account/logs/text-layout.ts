import type { Interface } from '../world/entities.ts';
import type { Field, FieldValue } from './fields.ts';
import type { Row } from './row.ts';

type RowField = Extract<Field, { readonly ofRow: unknown }>;

/**
 * Lines of a plain-text flow log. What an interface says in each of its records is joined once per interface; a line is
 * then its few varying values between those pieces.
 */
export class TextLayout {
  readonly header: string;
  readonly #fields: readonly Field[];
  readonly #varying: readonly RowField[];
  readonly #pieces = new WeakMap<Interface, readonly string[]>();

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
    this.#varying = fields.filter((field) => 'ofRow' in field);
    this.header = `${fields.map((field) => field.name).join(' ')}\n`;
  }

  /** With its line feed. */
  line(row: Row): string {
    let pieces = this.#pieces.get(row.iface);
    if (!pieces) this.#pieces.set(row.iface, (pieces = this.#piecesOf(row.iface)));
    const isGap = row.status !== 'OK';
    let line = pieces[0]!;
    for (let i = 0; i < this.#varying.length; i++) {
      const field = this.#varying[i]!;
      line += shown(isGap && !field.inGaps ? undefined : field.ofRow(row));
      line += pieces[i + 1]!;
    }
    return line;
  }

  /** The text before each varying value, and after the last one. */
  #piecesOf(iface: Interface): readonly string[] {
    const pieces = [''];
    for (const [i, field] of this.#fields.entries()) {
      const separator = i === 0 ? '' : ' ';
      pieces.push(pieces.pop()! + separator + ('ofInterface' in field ? shown(field.ofInterface(iface)) : ''));
      if ('ofRow' in field) pieces.push('');
    }
    pieces.push(`${pieces.pop()!}\n`);
    return pieces;
  }
}

function shown(value: FieldValue): string {
  return value === undefined ? '-' : typeof value === 'number' ? String(value) : value;
}
