import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateFormat } from '../options/options.ts';
import type { World } from '../world/build-world.ts';
import { awsFlowLog, awsPrefixList, awsVpc } from './aws-network.ts';
import { awsInterface } from './aws-interface.ts';
import { awsGroup, awsRule } from './aws-rules.ts';

/** Writes the folder that `aws ec2 describe-…` would fill at the end of the run: names of files as `analyze` reads them. */
export function writeInventory(folder: string, { built, network }: World, format: GenerateFormat): void {
  const write = (file: string, content: object): void =>
    writeFileSync(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  mkdirSync(join(folder, 'prefix-list-entries'), { recursive: true });

  const groups = [...built.groups.values()];
  const lists = [...built.prefixLists.values()];
  write('security-groups.json', { SecurityGroups: groups.map((group) => awsGroup(group, built.rules)) });
  write('security-group-rules.json', { SecurityGroupRules: built.rules.map(awsRule) });
  write('network-interfaces.json', { NetworkInterfaces: built.interfaces.map(awsInterface) });
  write('managed-prefix-lists.json', { PrefixLists: lists.map(awsPrefixList) });
  for (const list of lists) {
    if (!list.entriesInInventory) continue;
    const entries = list.entries.filter(({ until }) => until === Infinity);
    write(`prefix-list-entries/${list.id}.json`, { Entries: entries.map(({ text }) => ({ Cidr: text })) });
  }
  write('flow-logs.json', { FlowLogs: built.flowLogs.map((log) => awsFlowLog(log, format)) });
  write('vpcs.json', { Vpcs: built.vpcs.map(awsVpc) });
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
