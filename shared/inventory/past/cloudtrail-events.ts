import * as z from 'zod';
import { parsePrefix, type Prefix } from '../../addresses/address.ts';
import { count } from '../../text/numbers.ts';
import { plainText, shown } from '../../text/plain.ts';
import { secondsFromAws } from '../aws-time.ts';
import type { JsonPage } from '../json-pages.ts';
import { KEPT_DAYS, LATE_SECONDS, RULE_EVENTS, type OTHER_EVENTS } from './event-names.ts';
import { fields, listed, listOf, toldId, toldInterface, toldPermission, toldRule } from './as-described.ts';
import type { AnsweredLookup, Told, ToldEntry, ToldGroup, ToldInstance, ToldInterface, ToldRule } from './told.ts';

type EventName = (typeof RULE_EVENTS)[number] | (typeof OTHER_EVENTS)[number];

const MAX_PRINCIPAL = 256;

const object = z.record(z.string(), z.unknown());
const principal = z
  .looseObject({ arn: z.string().nullish(), invokedBy: z.string().nullish(), principalId: z.string().nullish() })
  .nullish();
const time = z.string().transform((text) => secondsFromAws(text) ?? Number.NaN);

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
const recorded = z.looseObject({
  eventTime: time,
  eventName: z.string(),
  eventSource: z.string(),
  errorCode: z.string().nullish(),
  userIdentity: principal,
  requestParameters: object.nullish(),
  responseElements: object.nullish(),
});

/** An item of `Events`: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html */
const event = z.looseObject({
  EventId: z.string().nullish(),
  EventName: z.string().nullish(),
  CloudTrailEvent: z.string(),
});

/** What a page was asked for: `stale-sg snapshot --history` writes it beside the answer; the AWS CLI does not print it. */
const lookup = z.object({
  EventName: z.string().optional(),
  StartTime: time,
  EndTime: time,
  AskedAt: time,
  /** The last page of the answer was read. */
  Complete: z.boolean(),
});

/**
 * Reads pages of `aws cloudtrail lookup-events`, in any order; an event that comes twice counts once. Nothing is refused: what
 * cannot be read is counted in `problems`, and if it may have made a rule, no silence about that rule's group means
 * anything from then on back.
 */
export function toldByCloudTrail(pages: readonly JsonPage[]): Told {
  const reading = new Reading();
  for (const { value } of pages) reading.page(value);
  return reading.finish();
}

class Reading implements Told {
  readonly source = 'cloudtrail';
  readonly recordedSince = -Infinity;
  readonly digests: string[] = [];
  readonly rules: ToldRule[] = [];
  readonly groups: ToldGroup[] = [];
  readonly entries: ToldEntry[] = [];
  readonly interfaces: ToldInterface[] = [];
  readonly instances: ToldInstance[] = [];
  readonly unplaced: number[] = [];
  readonly asked: AnsweredLookup[] = [];
  readonly problems: string[] = [];
  readonly #seen = new Set<string>();
  #unread = 0;
  #cut = new Set<string>();

  page(page: JsonPage['value']): void {
    for (const raw of listOf(page.Events)) this.#event(raw);
    if (typeof page.RulesDigest === 'string') this.digests.push(page.RulesDigest);
    const asked = lookup.safeParse(page.Lookup);
    if (!asked.success) return;
    const { EventName: eventName, StartTime, EndTime, AskedAt, Complete } = asked.data;
    if (!eventName) return;
    const from = Math.max(StartTime, AskedAt - KEPT_DAYS * 86_400);
    const until = Math.min(EndTime, AskedAt - LATE_SECONDS);
    if (Complete) this.asked.push({ eventName, from, until, wanted: EndTime });
    else this.#cut.add(eventName);
  }

  finish(): Told {
    if (this.#unread > 0)
      this.problems.push(`cloudtrail-events.json: ${count(this.#unread, 'event')} could not be read`);
    for (const name of this.#cut) {
      this.problems.push(
        `cloudtrail-events.json: not all ${shown(name)} were read: what is missing there tells nothing`,
      );
    }
    return this;
  }

  #event(raw: unknown): void {
    const item = event.safeParse(raw);
    const text = item.success ? recorded.safeParse(parsed(item.data.CloudTrailEvent)) : undefined;
    if (!item.success || !text?.success || Number.isNaN(text.data.eventTime)) {
      this.#unread++;
      const name = item.success ? item.data.EventName : undefined;
      if (name && !(RULE_EVENTS as readonly string[]).includes(name)) return;
      // Nobody knows what it made, nor how old anything is therefore.
      this.rules.push({ at: Infinity, by: '', what: 'made', groupId: '', ruleId: '', rule: undefined });
      return;
    }
    const { eventName, eventSource, errorCode, eventTime: at, requestParameters, responseElements } = text.data;
    const id = item.data.EventId ?? item.data.CloudTrailEvent;
    // Denied calls and dry runs changed nothing.
    if (eventSource !== 'ec2.amazonaws.com' || errorCode || this.#seen.has(id)) return;
    this.#seen.add(id);
    const { arn, invokedBy, principalId } = text.data.userIdentity ?? {};
    const by = plainText(arn ?? invokedBy ?? principalId ?? '').slice(0, MAX_PRINCIPAL);
    const read = READERS[eventName as EventName];
    if (!Object.hasOwn(READERS, eventName)) return;
    const called: Called = { at, by, request: fields(requestParameters), response: fields(responseElements) };
    if (!read(called, this, eventName)) this.#unread++;
  }
}

interface Called {
  readonly at: number;
  readonly by: string;
  /** As {@link asDescribed} has them. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly response: Readonly<Record<string, unknown>>;
}

/** Adds what the event tells; false where it cannot be read. */
type Reader = (called: Called, into: Reading, eventName: string) => boolean;

const READERS: Readonly<Record<EventName, Reader>> = {
  AuthorizeSecurityGroupIngress: readRules,
  AuthorizeSecurityGroupEgress: readRules,
  RevokeSecurityGroupIngress: readRules,
  RevokeSecurityGroupEgress: readRules,
  ModifySecurityGroupRules({ at, by, request }, { rules }) {
    const asked = fields(request.ModifySecurityGroupRulesRequest);
    const groupId = text(asked.GroupId);
    const updates = listOf(asked.SecurityGroupRule).map(fields);
    for (const update of updates) {
      const ruleId = text(update.SecurityGroupRuleId);
      // Its direction is told nowhere: whoever knows the id knows it.
      const rule = toldRule(
        { ...fields(update.SecurityGroupRule), SecurityGroupRuleId: ruleId },
        { groupId, isEgress: false },
      );
      rules.push({ at, by, what: 'edited', groupId, ruleId, rule });
    }
    if (updates.length === 0) rules.push({ at, by, what: 'made', groupId, ruleId: '', rule: undefined });
    return updates.length > 0;
  },
  CreateSecurityGroup({ at, by, request, response }, { groups }) {
    const groupId = text(response.GroupId);
    groups.push({ at, by, groupId, vpcId: text(request.VpcId) });
    return groupId !== '';
  },
  CreateVpc: readVpc,
  CreateDefaultVpc: readVpc,
  CreateManagedPrefixList({ at, by, request, response }, { entries }) {
    const asked = fields(request.CreateManagedPrefixListRequest);
    const list = fields(fields(response.CreateManagedPrefixListResponse).PrefixList);
    return addEntries(entries, { at, by, what: 'made' }, text(list.PrefixListId), asked.Entry);
  },
  ModifyManagedPrefixList({ at, by, request }, { entries }) {
    const asked = fields(request.ModifyManagedPrefixListRequest);
    const id = text(asked.PrefixListId);
    if (id === '') entries.push({ at, by, what: 'made', prefixListId: id, prefix: undefined });
    const removed = addEntries(entries, { at, by, what: 'gone' }, id, asked.RemoveEntry);
    return addEntries(entries, { at, by, what: 'made' }, id, asked.AddEntry) && removed && id !== '';
  },
  RestoreManagedPrefixListVersion({ at, by, request }, { entries }) {
    const prefixListId = text(fields(request.RestoreManagedPrefixListVersionRequest).PrefixListId);
    entries.push({ at, by, what: 'made', prefixListId, prefix: undefined });
    return prefixListId !== '';
  },
  CreateNetworkInterface({ at, by, response }, { interfaces }) {
    const iface = toldInterface(response.NetworkInterface, at);
    if (!iface) return false;
    interfaces.push({ at, by, interfaceId: iface.interfaceId, change: { what: 'made', iface, instanceId: '' } });
    return true;
  },
  DeleteNetworkInterface({ at, by, request }, { interfaces }) {
    const interfaceId = text(request.NetworkInterfaceId);
    interfaces.push({ at, by, interfaceId, change: { what: 'gone' } });
    return interfaceId !== '';
  },
  RunInstances({ at, by, response }, { interfaces }) {
    return listOf(response.InstancesSet)
      .map(fields)
      .flatMap((instance) => listOf(instance.NetworkInterfaceSet).map((raw) => ({ instance, raw })))
      .map(({ instance, raw }) => {
        // One that was there before and stays: launching the instance made nothing of it.
        if (fields(fields(raw).Attachment).DeleteOnTermination === false) return true;
        const iface = toldInterface(raw, at);
        const instanceId = text(instance.InstanceId);
        if (iface)
          interfaces.push({ at, by, interfaceId: iface.interfaceId, change: { what: 'made', iface, instanceId } });
        return iface !== undefined;
      })
      .every((isRead) => isRead);
  },
  TerminateInstances({ at, by, request }, { instances }) {
    for (const one of listOf(request.InstancesSet).map(fields))
      instances.push({ at, by, instanceId: text(one.InstanceId), groupIds: undefined });
    return true;
  },
  ModifyNetworkInterfaceAttribute({ at, by, request }, { interfaces }) {
    const groupIds = groupIdsOf(request.Groups);
    const interfaceId = text(request.NetworkInterfaceId);
    if (groupIds.length > 0) interfaces.push({ at, by, interfaceId, change: { what: 'groups', groupIds } });
    return true;
  },
  ModifyInstanceAttribute({ at, by, request }, { instances }) {
    const groupIds = groupIdsOf(request.Groups);
    if (groupIds.length > 0) instances.push({ at, by, instanceId: text(request.InstanceId), groupIds });
    return true;
  },
  // Which interfaces an endpoint has is told nowhere, nor by an event of theirs that these carry other groups.
  ModifyVpcEndpoint({ at, request }, { unplaced }) {
    const names = Object.keys(fields(request.ModifyVpcEndpointRequest));
    if (names.length === 0 || names.some((name) => name.includes('SecurityGroupId'))) unplaced.push(at);
    return names.length > 0;
  },
  AssignPrivateIpAddresses: readAddresses,
  AssignIpv6Addresses: readAddresses,
};

/** Of newer events the answer tells the rules, one by one; where it does not, what was asked for does. */
function readRules({ at, by, request, response }: Called, { rules }: Reading, eventName: string): boolean {
  const what = eventName.startsWith('Authorize') ? 'made' : 'gone';
  const groupId = text(request.GroupId);
  const of = { groupId, isEgress: eventName.endsWith('Egress') };
  const answered = listOf(response.SecurityGroupRuleSet ?? response.RevokedSecurityGroupRuleSet);
  const asked = listOf(request.IpPermissions);
  const read =
    answered.length > 0
      ? answered.map((raw) => toldRule(raw, of))
      : asked.length > 0
        ? asked.flatMap((raw): ReturnType<typeof toldRule>[] => toldPermission(raw, of) ?? [undefined])
        : [undefined];
  for (const rule of read) {
    rules.push({ at, by, what, groupId: rule?.groupId ?? groupId, ruleId: rule ? toldId(rule) : '', rule });
  }
  return read.every((rule) => rule !== undefined);
}

function readVpc({ at, by, response }: Called, { groups }: Reading): boolean {
  const vpcId = text(fields(response.Vpc).VpcId);
  groups.push({ at, by, groupId: undefined, vpcId });
  return vpcId !== '';
}

function readAddresses({ at, by, request, response }: Called, { interfaces }: Reading): boolean {
  const asked = { ...request, ...fields(request.AssignIpv6AddressesRequest) };
  const answered = { ...response, ...fields(response.AssignIpv6AddressesResponse) };
  const interfaceId = text(asked.NetworkInterfaceId);
  const texts = [
    ...listed(answered.AssignedPrivateIpAddressesSet).map((one) => text(fields(one).PrivateIpAddress)),
    ...listed(answered.AssignedIpv4PrefixSet).map((one) => text(fields(one).Ipv4Prefix)),
    ...listed(answered.AssignedIpv6Addresses).map(text),
    ...listed(answered.AssignedIpv6PrefixSet).map(text),
  ];
  const prefixes = texts.map(prefixOf).filter((prefix) => prefix !== undefined);
  if (prefixes.length > 0) interfaces.push({ at, by, interfaceId, change: { what: 'addresses', prefixes } });
  return prefixes.length === texts.length && prefixes.length > 0;
}

/** A single address stands for itself. */
function prefixOf(address: string): Prefix | undefined {
  return parsePrefix(address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`);
}

function addEntries(
  entries: ToldEntry[],
  told: Pick<ToldEntry, 'at' | 'by' | 'what'>,
  prefixListId: string,
  raw: unknown,
): boolean {
  return listOf(raw)
    .map((entry) => {
      const prefix = parsePrefix(text(fields(entry).Cidr));
      entries.push({ ...told, prefixListId, prefix });
      return prefix !== undefined;
    })
    .every((isRead) => isRead);
}

function groupIdsOf(value: unknown): string[] {
  return listOf(value)
    .map((group) => text(fields(group).GroupId))
    .filter((id) => id !== '');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
