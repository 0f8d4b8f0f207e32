import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateFormat } from '../options/options.ts';
import { isoTime } from '../../../shared/time.ts';
import { ACCOUNT_ID } from '../world/lay-out-network.ts';
import type { World } from '../world/build-world.ts';
import { awsFlowLog, awsPrefixList, awsVpc } from './aws-network.ts';
import { awsInterface } from './aws-interface.ts';
import { awsGroup, awsRule } from './aws-rules.ts';
import { writeWhole } from '../../../shared/disk/output-file.ts';

/** Seconds between two snapshots of a deployment; a day is judged only if it has one. */
const SNAPSHOT_SECONDS = 6 * 3600;
/** The first one is taken before the first record. */
const BEFORE_SECONDS = 1800;

/** Dated snapshots, as a deployment takes them: a folder each, named by its time; the last one at the end. */
export function writeSnapshots(folder: string, world: World, format: GenerateFormat, accountId: string): void {
  const write = (time: number): void =>
    writeInventory(join(folder, isoTime(time).replaceAll(':', '-')), world, format, time, accountId);
  for (let time = world.start - BEFORE_SECONDS; time < world.end; time += SNAPSHOT_SECONDS) write(time);
  write(world.end);
}

/**
 * Writes the folder that `aws ec2 describe-…` would fill: names of files as `analyze` reads them.
 *
 * @param time UNIX seconds
 */
export function writeInventory(
  folder: string,
  { built, network }: World,
  format: GenerateFormat,
  time: number,
  accountId: string = ACCOUNT_ID,
): void {
  const isOwn = ({ ownerId }: { readonly ownerId: string }): boolean => ownerId === accountId;
  const write = (file: string, content: object): void =>
    writeWhole(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  mkdirSync(join(folder, 'prefix-list-entries'), { recursive: true });

  const groups = [...built.groups.values()].filter(({ vpc }) => isOwn(vpc));
  const lists = [...built.prefixLists.values()].filter((list) => list.ownerId === 'AWS' || isOwn(list));
  const rules = built.rules.filter(({ group }) => isOwn(group.vpc));
  write('security-groups.json', { SecurityGroups: groups.map((group) => awsGroup(group, rules, time)) });
  write('security-group-rules.json', { SecurityGroupRules: rules.map((rule) => awsRule(rule, time)) });
  const attached = built.interfaces.filter(
    ({ attachedAt = -Infinity, subnet }) => attachedAt <= time && isOwn(subnet.vpc),
  );
  const former = new Map(built.formerSelves.flatMap(({ iface, until }) => (time < until ? [[iface.id, iface]] : [])));
  const described = attached.map((each) => awsInterface(each, (former.get(each.id) ?? each).groups));
  write('network-interfaces.json', { NetworkInterfaces: described });
  write('managed-prefix-lists.json', { PrefixLists: lists.map(awsPrefixList) });
  for (const list of lists) {
    if (!list.entriesInInventory) continue;
    const entries = list.entries.filter(({ from, until }) => from <= time && time < until);
    write(`prefix-list-entries/${list.id}.json`, { Entries: entries.map(({ text }) => ({ Cidr: text })) });
  }
  write('flow-logs.json', {
    FlowLogs: built.flowLogs.filter((log) => log.accountId === accountId).map((log) => awsFlowLog(log, format)),
  });
  write('vpcs.json', { Vpcs: built.vpcs.filter(isOwn).map(awsVpc) });
  if (!isOwn(network.legacy)) return;
  write('security-group-vpc-associations.json', {
    SecurityGroupVpcAssociations: [
      {
        GroupId: built.groups.get('shared-ops')!.id,
        VpcId: network.legacy.id,
        VpcOwnerId: network.legacy.ownerId,
        State: 'associated',
        GroupOwnerId: network.legacy.ownerId,
      },
    ],
  });
}
