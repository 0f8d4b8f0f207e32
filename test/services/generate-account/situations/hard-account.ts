import { Checker } from '../checker.ts';
import { type Fields, logFiles, readJson, rulesTruth, type Truth, type TruthOfRule } from '../generated.ts';

export interface SeenRecord {
  readonly record: Fields;
  readonly truth: Truth;
  readonly flowLogId: string;
}

interface AwsInterface {
  readonly NetworkInterfaceId: string;
  readonly Groups: readonly { readonly GroupId: string }[];
  readonly PrivateIpAddresses: readonly { readonly PrivateIpAddress: string }[];
}

/** A generated account, read from its files: what passed, what is true of it, and what its inventory lets one believe. */
export class HardAccount {
  readonly rules: readonly TruthOfRule[];
  readonly records: readonly SeenRecord[];
  readonly #accepted: readonly SeenRecord[];
  readonly #interfaces: readonly AwsInterface[];
  readonly #believed: Checker;
  #seemUsed: ReadonlySet<string> | undefined;

  private constructor(out: string, records: readonly SeenRecord[]) {
    this.rules = rulesTruth(out);
    this.records = records;
    this.#accepted = records.filter(({ record }) => record.action === 'ACCEPT');
    this.#believed = new Checker(out, 'inventory');
    const { NetworkInterfaces } = readJson(out, 'inventory/network-interfaces.json') as {
      NetworkInterfaces: AwsInterface[];
    };
    this.#interfaces = NetworkInterfaces;
  }

  static async read(out: string): Promise<HardAccount> {
    const files = await logFiles(out);
    return new HardAccount(
      out,
      files.flatMap(({ records, truths, flowLogId }) =>
        records.map((record, i) => ({ record, truth: truths[i]!, flowLogId })),
      ),
    );
  }

  /** Rules that are needed, or are not, for a reason. */
  because(reason: string): TruthOfRule[] {
    return this.rules.filter(({ need }) => need.kind !== 'covered' && need.because === reason);
  }

  /** Records of connections that the rule admitted. */
  admittedBy({ ruleId }: TruthOfRule): SeenRecord[] {
    return this.#accepted.filter(({ truth }) => truth.rules.includes(ruleId));
  }

  /** Requests that it alone admitted. */
  requestsOf(rule: TruthOfRule): SeenRecord[] {
    return this.admittedBy(rule).filter(({ truth }) => truth.opened === 'request' && truth.rules.length === 1);
  }

  /** Rules that admit the connection if the inventory is all that one knows. */
  believed({ record, truth }: SeenRecord): readonly string[] {
    return this.#believed.admitting(record, truth);
  }

  /** Whether it seems to have admitted something if the inventory is all that one knows. */
  looksUsed({ ruleId }: TruthOfRule): boolean {
    this.#seemUsed ??= new Set(this.#accepted.flatMap((seen) => this.believed(seen)));
    return this.#seemUsed.has(ruleId);
  }

  isKnown(interfaceId: string): boolean {
    return this.#interfaces.some((each) => each.NetworkInterfaceId === interfaceId);
  }

  /** Whether an interface of the inventory has the address. */
  hasAddress(address: string): boolean {
    return this.#interfaces.some((each) => each.PrivateIpAddresses.some((one) => one.PrivateIpAddress === address));
  }

  /** Accepted records of the interfaces that carry the rule's group today. */
  acceptedWith({ groupId }: TruthOfRule): SeenRecord[] {
    const carriers = this.#interfaces
      .filter((each) => each.Groups.some((group) => group.GroupId === groupId))
      .map((each) => each.NetworkInterfaceId);
    return this.#accepted.filter(({ record }) => carriers.includes(record['interface-id']!));
  }
}
