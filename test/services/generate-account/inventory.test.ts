import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatAddress, parseAddress, prefixContains } from '../../../shared/addresses/address.ts';
import { inventoryFromAws } from '../../../shared/inventory/from-aws.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { jsonPages } from '../../../shared/inventory/json-pages.ts';
import { filesUnder, generated, logFiles, removeScratchFolders } from './generated.ts';

afterAll(removeScratchFolders);

function readInventory(out: string): Inventory {
  const folder = join(out, 'inventory');
  const pages = (file: string) => jsonPages(readFileSync(join(folder, file), 'utf8'), file);
  const lists = filesUnder(join(folder, 'prefix-list-entries'));
  return inventoryFromAws({
    securityGroups: pages('security-groups.json'),
    securityGroupRules: pages('security-group-rules.json'),
    networkInterfaces: pages('network-interfaces.json'),
    managedPrefixLists: pages('managed-prefix-lists.json'),
    prefixListEntries: new Map(lists.map((file) => [file.replace('.json', ''), pages(`prefix-list-entries/${file}`)])),
    flowLogs: pages('flow-logs.json'),
    vpcs: pages('vpcs.json'),
    securityGroupVpcAssociations: pages('security-group-vpc-associations.json'),
  });
}

test('records show an interface’s own IPv4 side by its primary address, and pkt-… by the real one', async () => {
  const { out } = await generated({ records: 5000 });
  const { interfaces } = readInventory(out);
  const rows = (await logFiles(out)).flatMap((file) => file.records).filter((record) => record.type === 'IPv4');
  let differing = 0;
  const wrong = rows.filter((record) => {
    const owner = interfaces.get(record['interface-id']!);
    if (!owner) return false;
    const isEgress = record['flow-direction'] === 'egress';
    const [plain, packet] = isEgress
      ? [record.srcaddr!, record['pkt-srcaddr']!]
      : [record.dstaddr!, record['pkt-dstaddr']!];
    if (plain !== packet) differing++;
    // The gateway's pkt-… shows the far end, a forwarding machine's the one it forwards for.
    const isBetween = owner.groupIds.length === 0 || packet.startsWith('192.168.50.');
    const isOwn = owner.prefixes.some((prefix) => prefixContains(prefix, parseAddress(packet)!));
    return plain !== formatAddress(owner.primary!) || (!isBetween && !isOwn);
  });
  expect(wrong).toEqual([]);
  expect(differing).toBeGreaterThan(100);
});

test('the inventory of a hard account is read whole, and keeps to AWS’s quotas', async () => {
  const { out, summary } = await generated({ hard: true, minutes: 1440, records: 4000, deliveryMinutes: 60 });
  const { rules, interfaces, prefixLists, vpcs } = readInventory(out);
  expect(rules.length).toBe(summary.rules);
  expect(rules.filter((rule) => rule.unmatchable !== undefined)).toEqual([]);
  expect(interfaces.size).toBe(summary.interfaces);
  expect(vpcs.size).toBe(5);
  expect([...prefixLists.values()].filter((list) => list.entries === undefined)).toHaveLength(2);
  expect(Math.max(...[...interfaces.values()].map((each) => each.groupIds.length))).toBe(5);
  const perGroup = Map.groupBy(rules, (rule) => `${rule.groupId} ${rule.direction}`);
  expect(Math.max(...[...perGroup.values()].map((each) => each.length))).toBeLessThanOrEqual(60);
});

describe('the inventory', () => {
  let inventory: Inventory;
  beforeAll(async () => {
    inventory = readInventory((await generated({ interfaces: 80, rules: 500 })).out);
  });

  test('is what the program reads, whole', () => {
    expect(inventory.rules.length).toBeGreaterThanOrEqual(500);
    expect(inventory.interfaces.size).toBe(80);
    expect(inventory.flowLogs).toHaveLength(6);
    expect(inventory.vpcs.size).toBe(3);
    expect(inventory.associations).toHaveLength(1);
    expect(inventory.rules.filter((rule) => rule.unmatchable !== undefined)).toEqual([]);
    expect([...inventory.prefixLists.values()].filter((list) => list.entries === undefined)).toHaveLength(2);
  });

  test('keeps to AWS’s quotas', () => {
    const perGroup = Map.groupBy(inventory.rules, (rule) => `${rule.groupId} ${rule.direction}`);
    expect(Math.max(...[...perGroup.values()].map((rules) => rules.length))).toBeLessThanOrEqual(60);
    expect(Math.max(...[...inventory.interfaces.values()].map((each) => each.groupIds.length))).toBe(5);
  });

  test('has what breaks naive tools', () => {
    const interfaces = [...inventory.interfaces.values()];
    const types = new Set(interfaces.map((each) => each.type));
    expect([...types].sort()).toEqual(['interface', 'nat_gateway', 'network_load_balancer', 'vpc_endpoint']);
    expect(interfaces.some((each) => each.groupIds.length === 0)).toBe(true);
    expect(interfaces.some((each) => each.prefixes.some((prefix) => prefix.length === 28))).toBe(true);
    const hasPeering = inventory.rules.some(
      (rule) => rule.peer.type === 'group' && rule.peer.peeringConnectionId !== '',
    );
    expect(hasPeering).toBe(true);
    expect(inventory.rules.some((rule) => rule.peer.type === 'group' && rule.peer.value === rule.groupId)).toBe(true);
    const vpcsOfAddress = Map.groupBy(interfaces, (each) => each.primary!.w0);
    expect([...vpcsOfAddress.values()].some((same) => new Set(same.map((each) => each.vpcId)).size > 1)).toBe(true);
    const active = inventory.flowLogs!.filter((log) => log.active);
    const smallest = inventory.flowLogs!.map((log) => log.flowLogId).sort()[0];
    expect(active).toHaveLength(5);
    expect(active.some((log) => log.flowLogId === smallest)).toBe(false);
  });
});
