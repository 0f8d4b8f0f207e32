import { join } from 'node:path';
import { ACCOUNT, REGION } from './aws-items.ts';
import { objectPath } from './case-files.ts';
import { at, range } from './clock.ts';
import type { Paths } from './expectation.ts';
import { FLAGS, type Row } from './format.ts';
import type { World } from './world.ts';

/** Pieces of worlds that several cases share. */

/** Fields of a transit gateway's flow log: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html */
export const TRANSIT_GATEWAY_FIELDS = [
  ...'version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id'.split(
    ' ',
  ),
  ...'tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni'.split(' '),
  ...'tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol'.split(' '),
  ...'packets bytes start end log-status type packets-lost-no-route packets-lost-blackhole'.split(' '),
  ...'packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags region flow-direction'.split(' '),
  ...'pkt-src-aws-service pkt-dst-aws-service'.split(' '),
];

export function transitGatewayRow(start: number): Row {
  return {
    version: 6,
    'resource-type': 'TransitGateway',
    'account-id': ACCOUNT,
    'tgw-id': 'tgw-0a',
    'tgw-attachment-id': 'tgw-attach-0a',
    srcaddr: '10.0.0.10',
    dstaddr: '10.1.0.10',
    srcport: 41_000,
    dstport: 443,
    protocol: 6,
    packets: 10,
    bytes: 1000,
    start,
    end: start + 59,
    'log-status': 'OK',
    type: 'IPv4',
    'tcp-flags': FLAGS.syn,
    region: REGION,
    'flow-direction': 'ingress',
  };
}

/** Of one more object that a flow log delivers on a day. */
export function oneMoreObject(day: number, flowLogId = 'fl-0a', extension: 'gz' | 'parquet' = 'gz'): string {
  return join('logs', objectPath(flowLogId, at(day, 0), { extension, tag: 'x' }));
}

/** A day is counted as a whole, as the night does it. */
export function reconcile(world: World, day: string): void {
  world.run(
    'reconcile',
    ({ newest, logs, root }) => [
      'reconcile',
      '--inventory',
      newest,
      '--logs',
      logs,
      '--day',
      day,
      '--out',
      night(root),
    ],
    ({ root }) => join(night(root), 'usage.json'),
  );
}

const night = (root: string): string => join(root, 'night');

/** The logs are counted as they come. */
export function watch(world: World): void {
  world.run('watch', ({ newest, logs, root }) => [
    ...['watch', '--once', '--inventory', newest, '--logs', logs, '--store', storeIn(root)],
  ]);
}

export const storeIn = (root: Paths['root']): string => join(root, 'usage.db');

/** Three days after the stage in which 8443 was shut: the web server goes on as ever. */
export function afterRemoval(world: World): void {
  world.removable('sgr-0web2');
  world.open('after', range(31, 34));
  world.conn('203.0.113.5', 'eni-0web', 443, { when: world.hourly() });
  world.run('check-plan', ({ plan, newest, root }) => [
    ...['check-plan', '--plan', join(plan, 'plan.json'), '--stage', '1', '--inventory', newest],
    ...['--logs', join(root, 'after'), '--since', '2026-02-01T00:00:00Z'],
  ]);
}

export function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
