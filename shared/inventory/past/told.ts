import type { Prefix } from '../../addresses/address.ts';
import type { NetworkInterface, Rule } from '../inventory.ts';

/*
 * What AWS remembers of an account, one happening each, in no order. Times are UNIX seconds.
 */

/** Who remembers: CloudTrail's event history, or AWS Config. */
export type Memory = 'cloudtrail' | 'config';

export const MEMORY_NAMES: Readonly<Record<Memory, string>> = { cloudtrail: 'CloudTrail', config: 'AWS Config' };

interface Happening {
  readonly at: number;
  /** Who did it: an ARN, or the service. Text of others. `''` where nobody says. */
  readonly by: string;
}

export interface ToldRule extends Happening {
  /** `edited`: the rule of this id reads so from then on. `seen`: it stood then, and may be older. */
  readonly what: 'seen' | 'made' | 'edited' | 'gone';
  readonly groupId: string;
  /** `''` where it is not told. */
  readonly ruleId: string;
  /** Undefined where it is not told, or cannot be read. */
  readonly rule: Rule | undefined;
}

export interface ToldGroup extends Happening {
  /** Of a default group, which comes with its VPC, only the VPC is told. */
  readonly groupId: string | undefined;
  readonly vpcId: string;
}

export interface ToldEntry extends Happening {
  readonly what: 'seen' | 'made' | 'gone';
  /** `''` where it cannot be read, for any. */
  readonly prefixListId: string;
  /** Undefined for any: a former version of the list was restored, or it cannot be read. */
  readonly prefix: Prefix | undefined;
}

export interface ToldInterface extends Happening {
  readonly interfaceId: string;
  readonly change:
    | { readonly what: 'made'; readonly iface: NetworkInterface; readonly instanceId: string }
    | {
        readonly what: 'groups';
        readonly groupIds: readonly string[];
        /** It may have carried them from then on, UNIX seconds: a state is told some time after it came. By default at once. */
        readonly since?: number;
        /** It may be another interface of the instance that carries them: what it carried before may be so still. */
        readonly isUnsure?: boolean;
      }
    | { readonly what: 'addresses'; readonly prefixes: readonly Prefix[] }
    | { readonly what: 'gone' };
}

/** An instance's end is that of its interfaces; its groups are those of its first one. */
export interface ToldInstance extends Happening {
  readonly instanceId: string;
  /** Undefined: it was terminated. */
  readonly groupIds: readonly string[] | undefined;
}

export interface Told {
  readonly source: Memory;
  readonly rules: readonly ToldRule[];
  readonly groups: readonly ToldGroup[];
  readonly entries: readonly ToldEntry[];
  readonly interfaces: readonly ToldInterface[];
  readonly instances: readonly ToldInstance[];
  /** When interfaces got other groups of which nobody tells which: what they carried before is not known. */
  readonly unplaced: readonly number[];
  /** What was asked for, and is known to be answered whole. */
  readonly asked: readonly AnsweredLookup[];
  /** Of the rules that stood when it was asked for, see `rulesDigest`; where none is told, nobody can tell whether they are these. */
  readonly digests: readonly string[];
  /** What happened before may be missing, UNIX seconds; -Infinity for nothing, Infinity for anything. */
  readonly recordedSince: number;
  readonly problems: readonly string[];
}

/** All events of one name in this time, both ends inclusive: what is not among them did not happen. */
export interface AnsweredLookup {
  readonly eventName: string;
  readonly from: number;
  readonly until: number;
  /** Up to when was asked: events of the last minutes before may be missing, and `until` is earlier then. */
  readonly wanted: number;
}
