// Costs about 10 seconds.
/** The snapshot against an EC2 that others wrote: moto's. `npm run test:moto`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import { ec2Account } from '../../services/snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../services/snapshot-groups/read-account.ts';
import { rulesDataChanges, type RuleItem } from '../../services/snapshot-groups/rules-data.ts';
import { readInventory } from '../../services/command-line/files/read-inventory.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import { readSnapshot, snapshotText } from '../../shared/inventory/snapshot-file.ts';
import { orWhyNot } from '../beds/from-pypi.ts';
import { installMoto, Moto } from './moto-server.ts';

jest.setTimeout(120_000);

const { installed, missing } = orWhyNot(installMoto);

const REGION = 'eu-central-1';
const PLACE = { accountId: '123456789012', region: REGION };
const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };
const BIN = join(import.meta.dirname, '../../services/command-line/bin/stale-sg.js');

/** A rule in one line, whatever its id. */
const inWords = ({ groupName, direction, protocol, ports, peer, description }: Rule): string =>
  [
    groupName,
    direction,
    protocol,
    ports ? `${ports.from}-${ports.to}` : 'no ports',
    peer.type,
    peer.value,
    description,
  ].join(' | ');

(installed === undefined ? describe.skip : describe)(`a snapshot of moto's EC2${missing}`, () => {
  let moto: Moto;
  let client: ec2.EC2Client;
  let web: string;
  let app: string;
  let list: string;
  let eni: ec2.NetworkInterface;
  let vpc: string;

  beforeAll(async () => {
    moto = await Moto.start(installed!);
    client = new ec2.EC2Client({ region: REGION, endpoint: moto.endpoint, credentials: CREDENTIALS });
    const made = await client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
    vpc = made.Vpc!.VpcId!;
    const { Subnet } = await client.send(new ec2.CreateSubnetCommand({ VpcId: vpc, CidrBlock: '10.20.1.0/24' }));
    const group = async (GroupName: string): Promise<string> => {
      const input = { GroupName, Description: `of ${GroupName}`, VpcId: vpc };
      return (await client.send(new ec2.CreateSecurityGroupCommand(input))).GroupId!;
    };
    [web, app] = [await group('web'), await group('app')];
    const { PrefixList } = await client.send(
      new ec2.CreateManagedPrefixListCommand({
        PrefixListName: 'offices',
        AddressFamily: 'IPv4',
        MaxEntries: 5,
        Entries: [
          { Cidr: '198.51.100.0/25', Description: 'here' },
          { Cidr: '203.0.113.0/24', Description: 'there' },
        ],
      }),
    );
    list = PrefixList!.PrefixListId!;
    const tcp = (FromPort: number, ToPort = FromPort) => ({ IpProtocol: 'tcp', FromPort, ToPort });
    await client.send(
      new ec2.AuthorizeSecurityGroupIngressCommand({
        GroupId: web,
        IpPermissions: [
          { ...tcp(443), IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all the world' }] },
          { ...tcp(443), Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
          { ...tcp(22), PrefixListIds: [{ PrefixListId: list, Description: 'offices' }] },
          { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
        ],
      }),
    );
    await client.send(
      new ec2.AuthorizeSecurityGroupIngressCommand({
        GroupId: app,
        IpPermissions: [{ ...tcp(8000, 8100), UserIdGroupPairs: [{ GroupId: web, Description: 'from web' }] }],
      }),
    );
    await client.send(
      new ec2.AuthorizeSecurityGroupEgressCommand({
        GroupId: app,
        IpPermissions: [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '10.20.0.2/32' }] }],
      }),
    );
    const created = await client.send(
      new ec2.CreateNetworkInterfaceCommand({
        SubnetId: Subnet!.SubnetId!,
        Groups: [web, app],
        Description: 'two groups',
      }),
    );
    eni = created.NetworkInterface!;
  });
  afterAll(async () => {
    client.destroy();
    await moto.stop();
  });

  async function taken(): Promise<Inventory> {
    const described = await readAccount(ec2Account(client), new AbortController().signal);
    return readSnapshot(snapshotText(PLACE, described), 'moto').inventory;
  }

  const ofOurs = ({ rules }: Inventory): Rule[] => rules.filter(({ groupId }) => [web, app].includes(groupId));

  /** moto forgets the descriptions of groups and prefix lists. */
  const EXPECTED = () => [
    `app | egress | -1 | no ports | cidrIpv4 | 0.0.0.0/0 | `,
    `app | egress | udp | 53-53 | cidrIpv4 | 10.20.0.2/32 | `,
    `app | ingress | tcp | 8000-8100 | group | ${web} | `,
    `web | egress | -1 | no ports | cidrIpv4 | 0.0.0.0/0 | `,
    `web | ingress | icmp | no ports | cidrIpv4 | 10.0.0.0/8 | `,
    `web | ingress | tcp | 22-22 | prefixList | ${list} | `,
    `web | ingress | tcp | 443-443 | cidrIpv4 | 0.0.0.0/0 | all the world`,
    `web | ingress | tcp | 443-443 | cidrIpv6 | ::/0 | `,
  ];

  test('has every rule as it was made, under an id of its own', async () => {
    const rules = ofOurs(await taken());
    expect(rules.map(inWords).sort()).toEqual(EXPECTED());
    expect(new Set(rules.map(({ ruleId }) => ruleId)).size).toBe(rules.length);
  });

  test('has the interface with its groups and address, the entries of the list, and the blocks of the VPC', async () => {
    const inventory = await taken();
    const found = inventory.interfaces.get(eni.NetworkInterfaceId!);
    expect([...found!.groupIds].sort()).toEqual([web, app].sort());
    expect(inventory.prefixLists.get(list)?.entries).toHaveLength(2);
    const described = await readAccount(ec2Account(client), new AbortController().signal);
    expect(described.prefixListEntries.get(list)).toMatchObject([
      { Cidr: '198.51.100.0/25' },
      { Cidr: '203.0.113.0/24' },
    ]);
    expect(described.vpcs.map((one) => (one as ec2.Vpc).VpcId)).toContain(vpc);
    expect(described.interfaces).toMatchObject([{ PrivateIpAddress: eni.PrivateIpAddress, Description: 'two groups' }]);
  });

  test('is what the command line writes', async () => {
    const out = mkdtempSync(join(tmpdir(), 'stale-sg-moto-'));
    try {
      const env = {
        ...process.env,
        AWS_ENDPOINT_URL_EC2: moto.endpoint,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        NODE_OPTIONS: '',
      };
      const child = spawn(process.execPath, [BIN, 'snapshot', '--out', out], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(await once(child, 'exit')).toEqual([0, null]);
      const written = await readInventory(out);
      expect(ofOurs(written).map(inWords).sort()).toEqual(EXPECTED());
      expect(JSON.parse(readFileSync(join(out, 'security-groups.json'), 'utf8'))).toHaveProperty('SecurityGroups');
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  test('tells a rule that is gone, and one that came, from the one before', async () => {
    const before = await taken();
    const times = (at: number) => ({ takenAt: at, seenAt: at });
    const first = rulesDataChanges([], before, PLACE, times(1000));
    expect(first.length).toBe(before.rules.length);
    const known = first.map(({ ruleId, attributes }): RuleItem => {
      const item = attributes as unknown as RuleItem & Record<'content_since' | 'last_seen', number>;
      return { ...item, ruleId, contentSince: item.content_since, lastSeen: item.last_seen, removedAt: undefined };
    });
    const https = before.rules.find((rule) => inWords(rule).endsWith('all the world'))!;
    const revoke = { GroupId: web, SecurityGroupRuleIds: [https.ruleId] };
    await client.send(new ec2.RevokeSecurityGroupIngressCommand(revoke));
    const after = await taken();
    expect(after.rules.map(({ ruleId }) => ruleId)).not.toContain(https.ruleId);
    expect(after.rules.length).toBe(before.rules.length - 1);
    const changed = rulesDataChanges(known, after, PLACE, times(2000));
    expect(changed).toEqual([{ ruleId: https.ruleId, attributes: { removed_at: 2000 } }]);
  });
});
