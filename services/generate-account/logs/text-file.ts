import type { Field } from './fields.ts';
import { GzipLines } from './gzip-lines.ts';
import type { RecordFile, RecordFileFormat } from './record-file.ts';
import type { Row } from './row.ts';
import { TextLayout } from './text-layout.ts';

export function textFormat(fields: readonly Field[]): RecordFileFormat {
  const layout = new TextLayout(fields);
  return { extension: 'log.gz', open: (path) => new TextFile(path, layout) };
}

class TextFile implements RecordFile {
  readonly #lines: GzipLines;
  readonly #layout: TextLayout;

  constructor(path: string, layout: TextLayout) {
    this.#layout = layout;
    this.#lines = new GzipLines(path);
    this.#lines.add(layout.header);
  }

  get congested(): boolean {
    return this.#lines.congested;
  }

  add(row: Row): void {
    this.#lines.add(this.#layout.line(row));
  }

  drained(): Promise<void> {
    return this.#lines.drained();
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
