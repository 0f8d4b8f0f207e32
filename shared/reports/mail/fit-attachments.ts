import { gzipSync } from 'node:zlib';
import { sizeText } from './words.ts';

/** A file of the report, by the name it has beside it. */
export interface ReportFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** What became of a file in the mail. */
export interface Placed {
  readonly file: ReportFile;
  /** Undefined where the file is left out: the mail says where it lies. */
  readonly attached: ReportFile | undefined;
}

type Treatment = 'gzipped' | 'leftOut';

/**
 * What is given up first comes first: the page can be opened where it lies, all rules are for later, the candidates are
 * what the mail is about.
 */
const STEPS: readonly (readonly [name: string, treatment: Treatment])[] = [
  ['report.html', 'leftOut'],
  ['rules.csv', 'gzipped'],
  ['rules.csv', 'leftOut'],
  ['candidates.csv', 'gzipped'],
  ['candidates.csv', 'leftOut'],
];

/** As much of the files as fits into `maxBytes` of a mail, given up in the order of `STEPS`. */
export function fitAttachments(files: readonly ReportFile[], maxBytes: number): Placed[] {
  const placed = files.map((file): Placed => ({ file, attached: file }));
  for (const [name, treatment] of STEPS) {
    if (encodedBytes(placed) <= maxBytes) return placed;
    const i = placed.findIndex(({ file }) => file.name === name);
    if (i >= 0) placed[i] = { file: placed[i]!.file, attached: treated(placed[i]!.file, treatment) };
  }
  return placed;
}

function treated(file: ReportFile, treatment: Treatment): ReportFile | undefined {
  switch (treatment) {
    case 'gzipped':
      return { name: `${file.name}.gz`, contentType: 'application/gzip', content: gzipSync(file.content) };
    case 'leftOut':
      return undefined;
  }
}

/** Lines of 76 characters that hold 57 bytes, CRLF after each: https://www.rfc-editor.org/rfc/rfc2045#section-6.8 */
function encodedBytes(placed: readonly Placed[]): number {
  return placed.reduce((sum, { attached }) => {
    return attached ? sum + Math.ceil(attached.content.length / 57) * 78 + PART_HEADER_BYTES : sum;
  }, 0);
}

/** Boundary, type, disposition, encoding; the names are ours and short. */
const PART_HEADER_BYTES = 1000;

/** `1.2 MB, attached`, for people. */
export function placedText({ file, attached }: Placed): string {
  const as = attached === file ? '' : ` as ${attached?.name ?? ''}`;
  return `${sizeText(file.content.length)}, ${attached ? `attached${as}` : 'too large for this mail'}`;
}
