import type { RuleContent } from '../world/entities.ts';

/**
 * Columns of the truth of one record: line n of the truth file tells of line n of the log file, or of its row n − 1.
 *
 * - `connection`: number; records of one connection share it, on every interface
 * - `kind`: name in the mix
 * - `opened`: `request`, this record's source opened the connection; `reply`, its destination did
 * - `decidable`: `portsDiffer`: one record can tell; `equalPorts`, `noPorts`: it cannot
 * - `peer`: true address of the other end; `servicePort`: empty where the protocol has none
 * - `rules`: ids of the rules that truly admit the connection at this interface, by blanks; `sgr-…@1` is an older content
 * - `untrackedBy`: in a reply of an untracked connection, the rules by which it passes
 * - `setAside`: why the record is no evidence for any rule, or empty: noData, skipData, duplicateLog, rejected,
 *   unknownInterface, noGroup; the first that applies, in this order
 */
export const RECORD_TRUTH_HEADER = 'connection,kind,opened,decidable,peer,servicePort,rules,untrackedBy,setAside';

interface RecordTruth {
  readonly id: number;
  readonly kind: string;
  readonly isRequest: boolean;
  readonly plan: { readonly protocol: number; readonly openerPort: number; readonly serverPort: number };
  readonly peer: string;
  readonly admitted: readonly RuleContent[];
  readonly passingReplies: readonly RuleContent[];
}

/** All but the last field, with the comma before it: that one depends on the log the record is in. */
export function truthOfRecord({ id, kind, isRequest, plan, peer, admitted, passingReplies }: RecordTruth): string {
  const hasPorts = plan.protocol === 6 || plan.protocol === 17;
  const decidable = !hasPorts ? 'noPorts' : plan.openerPort === plan.serverPort ? 'equalPorts' : 'portsDiffer';
  const port = hasPorts ? plan.serverPort : '';
  const passing = isRequest ? '' : labels(passingReplies);
  return `${id},${kind},${isRequest ? 'request' : 'reply'},${decidable},${peer},${port},${labels(admitted)},${passing},`;
}

/** For rows that tell of no connection. */
export function truthOfGap(kind: string): string {
  return `0,${kind},,,,,,,`;
}

function labels(contents: readonly RuleContent[]): string {
  let text = '';
  for (const { label } of contents) text += text === '' ? label : ` ${label}`;
  return text;
}
