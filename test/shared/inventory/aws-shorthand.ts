import { inventoryFromAws } from '../../../shared/inventory/from-aws.ts';
import type { Inventory, Rule } from '../../../shared/inventory/inventory.ts';
import { type JsonPage, jsonPages } from '../../../shared/inventory/json-pages.ts';
import { ruleFields } from '../../shorthand/rule.ts';

type Raw = Record<string, unknown>;

/** A rule of `sg-1` as AWS prints it: see {@link ruleFields}. */
export function awsRule(shorthand: string, more: Raw = {}): Raw {
  return { SecurityGroupRuleId: 'sgr-1', GroupId: 'sg-1', ...ruleFields(shorthand, '111122223333'), ...more };
}

/** `'ingress tcp(6) 22-23 cidrIpv4 10.0.0.0/8'`; ICMP as `type/code`; `!` and the reason where unmatchable. */
export function showRule(rule: Rule): string {
  const detail = rule.ports
    ? ` ${rule.ports.from}-${rule.ports.to}`
    : rule.icmp
      ? ` ${rule.icmp.type}/${rule.icmp.code}`
      : '';
  const { type, value } = rule.peer;
  const reason = rule.unmatchable === undefined ? '' : ` ! ${rule.unmatchable}`;
  return `${rule.direction} ${rule.protocol}(${rule.protocolNumber ?? 'any'})${detail} ${type} ${value}${reason}`;
}

/** Each argument is one page. */
export function pagesOf(name: string, ...values: Raw[]): JsonPage[] {
  return jsonPages(JSON.stringify(values), name);
}

export interface AwsLists {
  readonly groups?: Raw[];
  readonly rules?: Raw[];
  readonly interfaces?: Raw[];
  readonly prefixLists?: Raw[];
  /** Entries by prefix list id, as CIDRs. */
  readonly entries?: Record<string, (string | null)[]>;
  readonly flowLogs?: Raw[];
  readonly vpcs?: Raw[];
  readonly associations?: Raw[];
}

/** The inventory of lists of AWS items, each list one page. No groups given: `sg-1`, named `web`. */
export function inventoryOf(lists: AwsLists): Inventory {
  const optional = (name: string, key: string, list: Raw[] | undefined): JsonPage[] | undefined =>
    list && pagesOf(name, { [key]: list });
  const groups = lists.groups ?? [{ GroupId: 'sg-1', GroupName: 'web' }];
  return inventoryFromAws({
    securityGroups: pagesOf('security-groups.json', { SecurityGroups: groups }),
    securityGroupRules: pagesOf('security-group-rules.json', { SecurityGroupRules: lists.rules ?? [] }),
    networkInterfaces: pagesOf('network-interfaces.json', { NetworkInterfaces: lists.interfaces ?? [] }),
    managedPrefixLists: optional('managed-prefix-lists.json', 'PrefixLists', lists.prefixLists),
    prefixListEntries: new Map(
      Object.entries(lists.entries ?? {}).map(([id, cidrs]) => [
        id,
        pagesOf(`prefix-list-entries/${id}.json`, { Entries: cidrs.map((Cidr) => ({ Cidr, Description: 'x' })) }),
      ]),
    ),
    flowLogs: optional('flow-logs.json', 'FlowLogs', lists.flowLogs),
    vpcs: optional('vpcs.json', 'Vpcs', lists.vpcs),
    securityGroupVpcAssociations: optional(
      'security-group-vpc-associations.json',
      'SecurityGroupVpcAssociations',
      lists.associations,
    ),
  });
}

/** The message of what `act` throws, which must be an InventoryError of one line. */
export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return messageOf(error);
  }
  throw new Error('nothing was refused');
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'InventoryError') throw error;
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(error.message)) throw new Error(`not one line: ${JSON.stringify(error.message)}`);
  return error.message;
}
