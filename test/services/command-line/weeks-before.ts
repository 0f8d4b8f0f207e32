/**
 * `node test/services/command-line/weeks-before.ts` writes the four weeks before the sample's three days, and what CloudTrail tells
 * of its rules. The shop does every day what it does on those three, a little of it; nothing here is by chance.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LATE_SECONDS, RULE_EVENTS } from '../../../shared/inventory/past/event-names.ts';
import { dayFromIso, isoDay, isoTime, startOfDay, type Day } from '../../../shared/time.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../services/command-line/sample');
const ACCOUNT = '111122223333';
const FLOW_LOG = 'fl-0a1b2c3d4e5f60002';
const COLUMNS =
  'version interface-id flow-direction srcaddr srcport dstaddr dstport protocol tcp-flags packets bytes start end action log-status ' +
  'vpc-id pkt-srcaddr pkt-dstaddr';
const FIRST: Day = dayFromIso('2025-12-15')!;
export const DAYS_BEFORE = 28;

/** Last digits of interfaces, and their addresses. */
const ALB = [1, '10.20.0.11'] as const;
const APP = [3, '10.20.10.21'] as const;
const DATABASE = [5, '10.20.20.31'] as const;
const BASTION = [6, '10.20.0.30'] as const;
const LAMBDA = [7, '10.20.10.140'] as const;
const NAT = [8, '10.20.0.5'] as const;
const BUILD = [9, '10.20.10.60'] as const;
type Holder = readonly [interfaceDigit: number, address: string];

/** A connection of a minute, as the interface at one end of it logs both directions. */
function halves(
  owner: Holder,
  at: number,
  isClient: boolean,
  ports: readonly [client: number, server: number],
  peer: string,
) {
  const [id, own] = owner;
  const [client, server] = isClient ? [own, peer] : [peer, own];
  const line = (isRequest: boolean): string => {
    const direction = isRequest === isClient ? 'egress' : 'ingress';
    const [from, to] = isRequest ? [client, server] : [server, client];
    const [fromPort, toPort] = isRequest ? ports : [ports[1], ports[0]];
    const sums = isRequest ? '6 3 9 1480' : '6 19 14 9210';
    return (
      `5 eni-0a1b2c3d4e5f6000${id} ${direction} ${from} ${fromPort} ${to} ${toPort} ${sums} ${at} ${at + 40} ACCEPT OK ` +
      `vpc-0a1b2c3d4e5f60001 ${from} ${to}`
    );
  };
  return [line(true), line(false)];
}

/** The same between two interfaces: each logs it. */
function between(client: Holder, server: Holder, at: number, ports: readonly [number, number]): string[] {
  return [...halves(client, at, true, ports, server[1]), ...halves(server, at, false, ports, client[1])];
}

/** A visit of the shop: the load balancer asks the app, which asks the database. */
function visit(at: number, visitor: string, port: number): string[] {
  return [
    ...halves(ALB, at, false, [port, 443], visitor),
    ...between(ALB, APP, at, [port + 1, 8080]),
    ...between(APP, DATABASE, at, [port + 2, 5432]),
  ];
}

/** Out to the internet through the NAT gateway, as far as the client's interface tells. */
function fetched(client: Holder, at: number, server: string, port: number): string[] {
  return [...halves(client, at, true, [port, 443], server), ...halves(NAT, at, false, [port, 443], client[1])];
}

function linesOf(day: Day): string[] {
  const at = (hour: number, minute = 7): number => startOfDay(day) + 3600 * hour + 60 * minute;
  const port = 40_000 + 10 * (day - FIRST);
  const isMonday = (day - FIRST) % 7 === 0;
  return [
    ...Array.from({ length: 24 }, (_, hour) => {
      const start = at(hour, 3);
      return `5 eni-0a1b2c3d4e5f60004 - - - - - - - - - ${start} ${start + 59} - NODATA vpc-0a1b2c3d4e5f60001 - -`;
    }),
    ...visit(at(9), '203.0.113.7', port),
    ...visit(at(15), '203.0.113.41', port),
    ...fetched(LAMBDA, at(2), '198.51.100.20', port),
    ...halves(APP, at(3), true, [port, 443], '198.51.100.140'),
    ...fetched(BUILD, at(10), '198.51.100.90', port),
    // Monday's look at the servers.
    ...(isMonday
      ? [
          ...halves(BASTION, at(8), false, [port, 22], '203.0.113.70'),
          ...between(BASTION, APP, at(8, 9), [port + 1, 22]),
        ]
      : []),
  ];
}

/** By name, as AWS names what it delivers last on a day: somebody joined the files of each day into one. */
export function weeksBefore(): Map<string, string> {
  return new Map(
    Array.from({ length: DAYS_BEFORE }, (_, i) => {
      const day = FIRST + i;
      const name = `${ACCOUNT}_vpcflowlogs_eu-central-1_${FLOW_LOG}_${isoDay(day).replaceAll('-', '')}T2355Z_${String(day).padStart(8, '0')}.log`;
      return [name, `${[COLUMNS, ...linesOf(day)].join('\n')}\n`];
    }),
  );
}

const ASKED_AT = startOfDay(dayFromIso('2026-01-15')!) + 1800;

/** Two rules were made in the 90 days: one by a person before the weeks, one a week ago. */
export function remembered(): string {
  const events = [
    made('60402', 'sg-0a1b2c3d4e5f60004', '2025-11-20T09:12:44Z', 'ines', 'tcp', 22, 22, '198.51.100.32/27'),
    made('60203', 'sg-0a1b2c3d4e5f60002', '2026-01-08T14:30:02Z', 'emil', 'icmp', 8, -1, '10.20.90.0/24'),
  ];
  const pages = RULE_EVENTS.map((EventName) => ({
    Events: events.filter((event) => event.EventName === EventName),
    Lookup: {
      EventName,
      StartTime: isoTime(ASKED_AT - 90 * 86_400),
      EndTime: isoTime(ASKED_AT - LATE_SECONDS),
      AskedAt: isoTime(ASKED_AT),
      Complete: true,
    },
  }));
  return `${JSON.stringify(pages, null, 2)}\n`;
}

/** As `lookup-events` lists it, with the fields that are read. */
function made(
  rule: string,
  groupId: string,
  eventTime: string,
  user: string,
  ipProtocol: string,
  fromPort: number,
  toPort: number,
  cidrIpv4: string,
) {
  const item = { securityGroupRuleId: `sgr-0a1b2c3d4e5f${rule}`, groupId, groupOwnerId: ACCOUNT, isEgress: false };
  const EventName = 'AuthorizeSecurityGroupIngress';
  const event = {
    eventVersion: '1.10',
    eventTime,
    eventSource: 'ec2.amazonaws.com',
    eventName: EventName,
    awsRegion: 'eu-central-1',
    userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/${user}`, accountId: ACCOUNT, userName: user },
    requestParameters: { groupId },
    responseElements: {
      _return: true,
      securityGroupRuleSet: { items: [{ ...item, ipProtocol, fromPort, toPort, cidrIpv4 }] },
    },
    eventType: 'AwsApiCall',
    recipientAccountId: ACCOUNT,
  };
  return {
    EventId: `0a1b2c3d-4e5f-4000-8000-0a1b2c3${rule}`,
    EventName,
    EventTime: eventTime,
    CloudTrailEvent: JSON.stringify(event),
  };
}

if (import.meta.main) {
  mkdirSync(join(SAMPLE, 'weeks-before'), { recursive: true });
  for (const [name, text] of weeksBefore()) writeFileSync(join(SAMPLE, 'weeks-before', name), text);
  writeFileSync(join(SAMPLE, 'inventory/cloudtrail-events.json'), remembered());
}
