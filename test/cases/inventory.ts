import {
  ACCOUNT,
  flowLogItem,
  interfaceOf,
  nameOf,
  ruleItem,
  VPC,
  vpcItem,
  type AwsItem,
  type FlowLog,
  type Interface,
  type InterfaceOptions,
  type RuleOptions,
  type RuleText,
} from './aws-items.ts';

interface PrefixList {
  readonly item: AwsItem;
  /** Undefined where nobody of this account may read them. */
  readonly entries: readonly string[] | undefined;
}

/** What the describe calls print at one moment. An id that is given again replaces what it was. */
export class Inventory {
  readonly interfaces: Map<string, Interface>;
  readonly flowLogs: Map<string, FlowLog>;
  readonly staleReferences: AwsItem[];
  /** Files that are not there. */
  readonly leftOut: Set<'flow-logs' | 'vpcs'>;
  /** Of the flow logs. */
  readonly fields: readonly string[];
  readonly #vpcs: Map<string, AwsItem>;
  readonly #groups: Map<string, AwsItem>;
  readonly #rules: Map<string, AwsItem>;
  readonly #prefixLists: Map<string, PrefixList>;

  /** Without a model it is empty. */
  constructor(fields: readonly string[], model?: Inventory) {
    this.fields = fields;
    this.interfaces = new Map(model?.interfaces);
    this.flowLogs = new Map(model?.flowLogs);
    this.staleReferences = [...(model?.staleReferences ?? [])];
    this.leftOut = new Set(model?.leftOut);
    this.#vpcs = new Map(model ? model.#vpcs : []);
    this.#groups = new Map(model ? model.#groups : []);
    this.#rules = new Map(model ? model.#rules : []);
    this.#prefixLists = new Map(model ? model.#prefixLists : []);
  }

  vpc(id = VPC, block = '10.0.0.0/16'): void {
    this.#vpcs.set(id, vpcItem(id, block));
  }

  group(id: string, name = nameOf(id), { vpc = VPC, owner = ACCOUNT } = {}): void {
    this.#groups.set(id, {
      GroupId: id,
      GroupName: name,
      Description: name,
      OwnerId: owner,
      VpcId: vpc,
      Tags: [],
    });
  }

  rule(id: string, text: RuleText, options: RuleOptions = {}): void {
    const group = options.group ?? [...this.#groups.keys()].at(-1);
    if (group === undefined) throw new Error(`no group for ${id}`);
    this.#rules.set(id, ruleItem(id, group, text, options));
  }

  /** Returns its id. */
  eni(id: string, ip: string, groups: readonly string[], options: InterfaceOptions = {}): string {
    this.interfaces.set(id, interfaceOf(id, ip, groups, options));
    return id;
  }

  /** A group `sg-0NAME` with rules `sgr-0NAME1`, `sgr-0NAME2` … and an interface `eni-0NAME` that carries it; its id. */
  host(
    name: string,
    ip: string,
    rules: readonly RuleText[],
    { groupOwner, ...options }: InterfaceOptions & { readonly groupOwner?: string } = {},
  ): string {
    const { vpc = VPC, owner = ACCOUNT } = options;
    const group = `sg-0${name}`;
    this.group(group, name, { vpc, owner: groupOwner ?? owner });
    for (const [i, text] of rules.entries()) {
      this.rule(`sgr-0${name}${i + 1}`, text, { group, owner: groupOwner ?? owner });
    }
    return this.eni(`eni-0${name}`, ip, [group], options);
  }

  prefixList(id: string, name: string, entries: readonly string[] | 'unreadable', owner = ACCOUNT): void {
    this.#prefixLists.set(id, {
      item: {
        PrefixListId: id,
        PrefixListName: name,
        AddressFamily: 'IPv4',
        OwnerId: owner,
        State: 'create-complete',
      },
      entries: entries === 'unreadable' ? undefined : entries,
    });
  }

  flowLog(id: string, resource: string, options: Partial<FlowLog> = {}): void {
    this.flowLogs.set(id, {
      id,
      resource,
      traffic: 'ALL',
      created: '2025-06-01T00:00:00.000Z',
      listed: true,
      since: 0,
      until: Infinity,
      per: 'day',
      delivered: () => true,
      ...options,
    });
  }

  /** Its files of JSON, by their path in the folder of the inventory. */
  files(): Map<string, AwsItem> {
    const listed = <T extends { readonly listed: boolean }>(all: ReadonlyMap<string, T>): T[] =>
      [...all.values()].filter((one) => one.listed);
    const files = new Map<string, AwsItem>([
      ['security-groups.json', { SecurityGroups: [...this.#groups.values()] }],
      ['security-group-rules.json', { SecurityGroupRules: [...this.#rules.values()] }],
      ['network-interfaces.json', { NetworkInterfaces: listed(this.interfaces).map(({ item }) => item) }],
      ['vpcs.json', { Vpcs: [...this.#vpcs.values()] }],
      ['flow-logs.json', { FlowLogs: listed(this.flowLogs).map((log) => flowLogItem(log, this.fields)) }],
    ]);
    if (this.#prefixLists.size > 0) {
      const lists = [...this.#prefixLists.values()].map(({ item }) => item);
      files.set('managed-prefix-lists.json', { PrefixLists: lists });
    }
    for (const [id, { entries }] of this.#prefixLists) {
      if (entries) files.set(`prefix-list-entries/${id}.json`, { Entries: entries.map((Cidr) => ({ Cidr })) });
    }
    if (this.staleReferences.length > 0) {
      files.set('stale-security-groups.json', { StaleSecurityGroupSet: this.staleReferences });
    }
    for (const name of this.leftOut) files.delete(`${name}.json`);
    return files;
  }
}
