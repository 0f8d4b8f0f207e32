import { mkdir, symlink } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { analyze } from '../../../../services/command-line/commands/analyze/analyze.ts';
import type { Verdict } from '../../../../shared/verdicts/verdict.ts';
import { filesOf, SSH, VISIT, WEB_AND_SSH, type World } from '../evidence-world.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();

async function verdictsOf(world: World): Promise<Record<string, string>> {
  await folder.write(filesOf(world));
  const { report } = await analyze({
    inventory: [folder.path('inventory')],
    logs: [folder.path('logs')],
    out: folder.path('out'),
  });
  return Object.fromEntries(report.rules.map(({ ruleId, verdict }) => [ruleId.slice('sgr-'.length), shown(verdict)]));
}

/** `notObserved: <reason>[, <because>]`, or the kind alone. */
function shown(verdict: Verdict): string {
  if (verdict.kind !== 'notObserved') return verdict.kind;
  const because = verdict.reason === 'notWatched' ? `, ${verdict.because}` : '';
  return `notObserved: ${verdict.reason}${because}`;
}

const VPC_LOG = ['fl-0002 vpc-1 ALL'];

interface Row {
  readonly name: string;
  readonly why: string;
  readonly world: World;
  readonly says: Readonly<Record<string, string>>;
}

const ROWS: readonly Row[] = [
  {
    name: 'dup-partial',
    why: 'of two logs over an interface, one was delivered on one day only: on the others, and in their use, the other one counts',
    world: {
      rules: WEB_AND_SSH,
      flowLogs: ['fl-0001 eni-1 ALL', ...VPC_LOG],
      logs: { 'fl-0001': ['@1-1 eni-1 NODATA'], 'fl-0002': ['@1-1 eni-1 NODATA', `@2-10 ${VISIT}`, SSH] },
    },
    says: { a: 'active', b: 'active' },
  },
  {
    name: 'dup-skip',
    why: 'the log that counts lost the records of the very day on which the other one shows the use',
    world: {
      rules: WEB_AND_SSH,
      flowLogs: ['fl-0001 eni-1 ALL', ...VPC_LOG],
      logs: {
        'fl-0001': ['20x eni-1 NODATA', '@5-5 eni-1 SKIPDATA'],
        'fl-0002': [`@5-5 ${VISIT}`, SSH],
      },
    },
    says: { a: 'notObserved: onlySetAside', b: 'active' },
  },
  {
    name: 'other-log-heard',
    why: 'the log of one subnet was read, the one of the whole VPC was not: the other subnet is in the dark',
    world: {
      rules: WEB_AND_SSH,
      flowLogs: ['fl-0001 subnet-1 ALL', ...VPC_LOG],
      logs: { 'fl-0001': [VISIT] },
    },
    says: { a: 'active', b: 'notObserved: notWatched, hoursMissing' },
  },
  {
    name: 'reject-nodata',
    why: 'NODATA of a log of rejected traffic says nothing of accepted traffic, and the log that would was not read',
    world: {
      rules: { ...WEB_AND_SSH, c: 'sg-c in tcp 443 0.0.0.0/0' },
      groups: ['sg-c vpc-1'],
      interfaces: ['eni-3 vpc-1 subnet-3 10.0.3.10 sg-c'],
      flowLogs: ['fl-0001 vpc-1 REJECT', ...VPC_LOG, 'fl-0003 subnet-3 ALL'],
      logs: {
        'fl-0001': ['eni-1 NODATA', 'eni-2 NODATA', 'eni-1 203.0.113.5:50000 > 10.0.0.10:23 6 REJECT'],
        'fl-0003': ['eni-3 203.0.113.5:50000 > 10.0.3.10:443 6'],
      },
    },
    says: {
      a: 'notObserved: notWatched, hoursMissing',
      b: 'notObserved: notWatched, hoursMissing',
      c: 'active',
    },
  },
  {
    name: 'unread-vpc',
    why: 'tasks that came and went may have carried a group that is on no interface now, in a VPC that nobody read',
    world: {
      rules: {
        a: WEB_AND_SSH.a,
        task: 'sg-task out tcp 5432 sg-db',
        db: 'sg-db in tcp 5432 sg-task',
        lone: 'sg-lone in tcp 80 0.0.0.0/0',
      },
      groups: ['sg-task vpc-2', 'sg-db vpc-2', 'sg-lone vpc-2'],
      interfaces: ['eni-9 vpc-2 subnet-9 10.9.0.9 sg-db'],
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': [VISIT] },
    },
    says: {
      a: 'active',
      task: 'notObserved: notWatched, noAccepted',
      db: 'notObserved: notWatched, noAccepted',
      lone: 'notObserved: notWatched, noAccepted',
    },
  },
  {
    name: 'icmp',
    why: 'ICMP types are not logged: rules for two types are seen with the same flows, and neither replaces the other',
    world: {
      rules: { echo: 'sg-a in icmp 8/-1 10.0.0.0/8', tooBig: 'sg-a in icmp 3/4 10.0.0.0/8' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 10.0.1.77:0 > 10.0.0.10:0 1'] },
    },
    says: { echo: 'active', tooBig: 'active' },
  },
  {
    name: 'icmp-any',
    why: 'a rule for all of ICMP replaces the one for echo, and may have been needed for any other type itself',
    world: {
      rules: { echo: 'sg-a in icmp 8/-1 10.0.0.0/8', any: 'sg-a in icmp -1/-1 10.0.0.0/8' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 10.0.1.77:0 > 10.0.0.10:0 1'] },
    },
    says: { echo: 'redundant', any: 'active' },
  },
  {
    name: 'pkt-plain',
    why: 'the packet has another source than the record: only as a reply is it admitted, unless the record is right',
    world: {
      rules: { in: 'sg-a in tcp 443 10.0.0.0/16', out: 'sg-a out -1 0.0.0.0/0' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 10.0.7.7:50000 > 10.0.0.10:443 6 ACCEPT | vpc-1 0 203.0.113.9 10.0.0.10 ingress'] },
    },
    says: { in: 'notObserved: onlyPossibleUse', out: 'active' },
  },
  {
    name: 'unknown-direction',
    why: 'neither address is one that the inventory knows, so the record may be of either direction',
    world: {
      rules: { in: 'sg-a in tcp 443 ::/0' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 2001:db8::9:50000 > 2001:db8:1::10:443 6'] },
    },
    says: { in: 'notObserved: onlyPossibleUse' },
  },
  {
    name: 'udp-fixed',
    why: 'a SIP client sends from 5060 too: the narrower rule for what leaves must not take the flow to itself',
    world: {
      rules: { in: 'sg-a in udp 10000-20000 203.0.113.0/24', out: 'sg-a out udp 5060 0.0.0.0/0' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 203.0.113.5:5060 > 10.0.0.10:12000 17'] },
    },
    says: { in: 'notObserved: onlyPossibleUse', out: 'active' },
  },
  {
    name: 'ftp-data',
    why: 'active FTP opens its data connections from port 20: they are no replies, whatever the ports look like',
    world: {
      rules: { in: 'sg-a in tcp 20-21 10.0.0.0/8', out: 'sg-a out tcp 1024-65535 10.0.0.0/8' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 10.0.0.10:20 > 10.5.5.5:41000 6'] },
    },
    says: { in: 'active', out: 'notObserved: onlyPossibleUse' },
  },
  {
    name: 'malformed-mass',
    why: 'nearly all lines cannot be read, and each of them is a use',
    world: {
      rules: WEB_AND_SSH,
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': [SSH, `50x ${VISIT} ACCEPT_X`] },
    },
    says: { a: 'notObserved: notWatched, malformed', b: 'active' },
  },
  {
    name: 'window-tag',
    why: 'the owner asked for a year, well written or not: ten days of silence are not enough',
    world: {
      rules: {
        bare: 'sg-a in tcp 443 0.0.0.0/0',
        days: 'sg-a in tcp 444 0.0.0.0/0',
        d: 'sg-a in tcp 445 0.0.0.0/0',
        y: 'sg-a in tcp 446 0.0.0.0/0',
      },
      windowTags: { bare: '365', days: '365 days', d: '365d', y: '1y' },
      flowLogs: VPC_LOG,
      logs: { 'fl-0002': ['eni-1 NODATA'] },
    },
    says: {
      bare: 'notObserved: notWatched, missing',
      days: 'notObserved: windowTag',
      d: 'notObserved: windowTag',
      y: 'notObserved: windowTag',
    },
  },
  {
    name: 'ga',
    why: 'Global Accelerator keeps the addresses of clients: its group stands for traffic from anywhere',
    world: {
      rules: { in: 'sg-a in tcp 443 sg-ga' },
      groups: ['sg-ga vpc-1'],
      interfaces: ['eni-ga vpc-1 subnet-1 10.0.0.99 sg-ga global_accelerator_managed'],
      flowLogs: VPC_LOG,
      vpc: { CidrBlock: '10.0.0.0/16' },
      logs: { 'fl-0002': [VISIT] },
    },
    says: { in: 'notObserved: onlyPossibleUse' },
  },
  {
    name: 'vpc-block-gone',
    why: 'a block that is leaving the VPC held members of the group while the logs were written',
    world: {
      rules: { in: 'sg-a in tcp 443 sg-b' },
      flowLogs: VPC_LOG,
      vpc: {
        CidrBlock: '10.0.0.0/16',
        CidrBlockAssociationSet: [{ CidrBlock: '100.64.0.0/16', CidrBlockState: { State: 'disassociating' } }],
      },
      logs: { 'fl-0002': ['eni-1 100.64.0.7:50000 > 10.0.0.10:443 6'] },
    },
    says: { in: 'notObserved: onlyPossibleUse' },
  },
  {
    name: 'vpc-block-bad',
    why: 'the block of the VPC is not a CIDR: a peer that is gone by now may have been a member of the group',
    world: {
      rules: { in: 'sg-a in tcp 443 sg-b' },
      flowLogs: VPC_LOG,
      vpc: { CidrBlock: '10.0.0.0/33' },
      logs: { 'fl-0002': ['eni-1 10.0.0.77:50000 > 10.0.0.10:443 6'] },
    },
    says: { in: 'notObserved: onlyPossibleUse' },
  },
  {
    name: 'unknown-vpc-group',
    why: 'the group is not listed, so its VPC is unknown, and an interface that nobody knows may carry it',
    world: {
      rules: { a: WEB_AND_SSH.a, x: 'sg-x in tcp 9999 0.0.0.0/0' },
      flowLogs: VPC_LOG,
      logs: {
        'fl-0002': [
          'eni-gone 203.0.113.5:50000 > 10.0.0.77:9999 6 ACCEPT | vpc-1 0 203.0.113.5 10.0.0.77 ingress',
          `${VISIT} ACCEPT | vpc-1 0 203.0.113.5 10.0.0.10 ingress`,
        ],
      },
    },
    says: { a: 'active', x: 'notObserved: onlyPossibleUse' },
  },
  {
    name: 'created-unparse',
    why: 'when the flow log was created cannot be read: it vouches for no day',
    world: {
      rules: WEB_AND_SSH,
      flowLogs: ['fl-0002 vpc-1 ALL 10 Jan 2026'],
      logs: { 'fl-0002': [SSH] },
    },
    says: { a: 'notObserved: notWatched, notCovered', b: 'active' },
  },
];

describe('never call a used rule stale', () => {
  test.each(ROWS)('$name: $why', async ({ world, says }) => {
    expect(await verdictsOf(world)).toEqual(says);
  });

  test('symlink: a linked folder is not searched, so the use in it must not go missing without a word', async () => {
    await folder.write(filesOf({ rules: WEB_AND_SSH, flowLogs: VPC_LOG, logs: { 'fl-0002': [SSH] } }));
    await mkdir(folder.path('elsewhere'));
    await symlink(folder.path('elsewhere'), folder.path('logs/more'));
    const options = { inventory: [folder.path('inventory')], logs: [folder.path('logs')], out: folder.path('out') };
    await expect(analyze(options)).rejects.toThrow(`${folder.path('logs/more')}: a linked folder`);
    expect(await folder.filesIn('out')).toEqual([]);
  });
});
