import { ADVICE } from './advice-faults.ts';
import { ATTRIBUTION } from './attribution-faults.ts';
import { EVIDENCE } from './evidence-faults.ts';
import { MATCHING } from './matching-faults.ts';
import { NIGHT } from './night-faults.ts';
import { READING } from './reading-faults.ts';
import { VERDICTS } from './verdict-faults.ts';

/** By file, texts in it and what each becomes: a fault each. A text must stand in the file exactly once. */
export type Faults = Readonly<Record<string, readonly (readonly [text: string, fault: string])[]>>;

export interface Fault {
  readonly file: string;
  readonly text: string;
  readonly fault: string;
}

export const FAULTS: readonly Fault[] = [MATCHING, ATTRIBUTION, NIGHT, VERDICTS, ADVICE, READING, EVIDENCE].flatMap(
  (faults) => Object.entries(faults).flatMap(([file, texts]) => texts.map(([text, fault]) => ({ file, text, fault }))),
);

export function nameOf({ file, text, fault }: Fault): string {
  return `${file}: ${text} → ${fault || 'nothing'}`;
}

/** Faults that no test can notice, each with the reason: by {@link nameOf}. */
export const EQUIVALENT: ReadonlyMap<string, string> = new Map([
  [
    'shared/attribution/orient.ts: (showsOpener(record) && (record.tcpFlags & ACK) === 0) → showsOpener(record)',
    'Asked of requests alone, and a record whose own flags show a SYN-ACK is a reply.',
  ],
  [
    'shared/attribution/possible-use.ts: if (other.specificity === Infinity && (byPacket?.specificity ?? Infinity) === ' +
      'Infinity) return true; → nothing',
    'Of a reading that nothing admits or could admit there is no rule to get possible use, clear or not.',
  ],
]);
