import * as ec2 from '@aws-sdk/client-ec2';
import { everyItem } from './every-item.ts';
import type { Account, ListEntries, StaleGroups } from './read-account.ts';

/** Largest `MaxResults`: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html */
const PAGE_SIZE = 1000;
/** The same for prefix lists: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html */
const LIST_PAGE_SIZE = 100;
/** And for dangling references: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStaleSecurityGroups.html */
const STALE_PAGE_SIZE = 255;
/** Calls for one list or VPC each, together with those for the others. */
const AT_ONCE = 4;

/**
 * Errors that speak of one list or VPC and not of the account: nobody may read it, or it is shared with us no longer.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const UNREADABLE: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'OperationNotPermitted',
  'InvalidPrefixListID.NotFound',
  'InvalidPrefixListId.NotFound',
  'InvalidVpcID.NotFound',
  'InvalidVpcId.NotFound',
]);

export interface ClientOptions {
  /** Where region or profile is not given, the SDK looks for it: environment, configuration files, instance. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** How often one request is tried, the first time included; default 10. */
  readonly maxAttempts?: number | undefined;
  /** In place of those that the SDK finds. */
  readonly credentials?: ec2.EC2ClientConfig['credentials'];
}

/**
 * A client that slows down by itself while EC2 throttles it.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createEc2Client(options: ClientOptions = {}): ec2.EC2Client {
  const { region, profile, credentials, maxAttempts = 10 } = options;
  const place = { ...(region && { region }), ...(profile && { profile }), ...(credentials && { credentials }) };
  return new ec2.EC2Client({ ...place, retryMode: 'adaptive', maxAttempts });
}

/**
 * The account and region a client speaks to. It only describes; nothing is changed.
 *
 * @param onPage hears after each page the API call and how many items it has given so far
 */
export function ec2Account(client: ec2.EC2Client, onPage?: (call: string, items: number) => void): Account {
  const paging = { client, pageSize: PAGE_SIZE };
  const listPaging = { client, pageSize: LIST_PAGE_SIZE };

  const entriesOf = (PrefixListId: string, abortSignal: AbortSignal) => {
    const pages = ec2.paginateGetManagedPrefixListEntries(listPaging, { PrefixListId }, { abortSignal });
    return everyItem(`GetManagedPrefixListEntries of ${PrefixListId}`, pages, (page) => page.Entries, onPage);
  };

  const staleGroupsOf = (VpcId: string, abortSignal: AbortSignal) => {
    const stalePaging = { client, pageSize: STALE_PAGE_SIZE };
    const pages = ec2.paginateDescribeStaleSecurityGroups(stalePaging, { VpcId }, { abortSignal });
    return everyItem(`DescribeStaleSecurityGroups of ${VpcId}`, pages, (page) => page.StaleSecurityGroupSet, onPage);
  };

  return {
    groups(abortSignal) {
      const pages = ec2.paginateDescribeSecurityGroups(paging, {}, { abortSignal });
      return everyItem('DescribeSecurityGroups', pages, (page) => page.SecurityGroups, onPage);
    },
    rules(abortSignal) {
      const pages = ec2.paginateDescribeSecurityGroupRules(paging, {}, { abortSignal });
      return everyItem('DescribeSecurityGroupRules', pages, (page) => page.SecurityGroupRules, onPage);
    },
    interfaces(abortSignal) {
      // An account can hide the interfaces that AWS services manage; a group would then look attached to nothing.
      // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedResourceVisibility.html
      const input = { IncludeManagedResources: true };
      const pages = ec2.paginateDescribeNetworkInterfaces(paging, input, { abortSignal });
      return everyItem('DescribeNetworkInterfaces', pages, (page) => page.NetworkInterfaces, onPage);
    },
    prefixLists(abortSignal) {
      const pages = ec2.paginateDescribeManagedPrefixLists(listPaging, {}, { abortSignal });
      return everyItem('DescribeManagedPrefixLists', pages, (page) => page.PrefixLists, onPage);
    },
    prefixListEntries(listIds, abortSignal) {
      return someAtOnce(listIds, async (listId): Promise<ListEntries> => {
        const read = await orUnreadable(entriesOf(listId, abortSignal));
        return read.readable ? { readable: true, entries: read.items } : read;
      });
    },
    flowLogs(abortSignal) {
      const pages = ec2.paginateDescribeFlowLogs(paging, {}, { abortSignal });
      return everyItem('DescribeFlowLogs', pages, (page) => page.FlowLogs, onPage);
    },
    vpcs(abortSignal) {
      const pages = ec2.paginateDescribeVpcs(paging, {}, { abortSignal });
      return everyItem('DescribeVpcs', pages, (page) => page.Vpcs, onPage);
    },
    groupVpcAssociations(abortSignal) {
      const pages = ec2.paginateDescribeSecurityGroupVpcAssociations(paging, {}, { abortSignal });
      const call = 'DescribeSecurityGroupVpcAssociations';
      return everyItem(call, pages, (page) => page.SecurityGroupVpcAssociations, onPage);
    },
    staleGroups(vpcIds, abortSignal) {
      return someAtOnce(vpcIds, async (vpcId): Promise<StaleGroups> => {
        const read = await orUnreadable(staleGroupsOf(vpcId, abortSignal));
        return read.readable ? { readable: true, groups: read.items } : read;
      });
    },
  };
}

/**
 * The regions that the account may use.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
 */
export async function enabledRegions(client: ec2.EC2Client, abortSignal: AbortSignal): Promise<string[]> {
  const answer = async function* () {
    const { Regions = [] } = await client.send(new ec2.DescribeRegionsCommand({ AllRegions: false }), { abortSignal });
    yield { Regions, NextToken: undefined };
  };
  const regions = await everyItem('DescribeRegions', answer(), ({ Regions }) => Regions);
  return regions.flatMap(({ RegionName }) => RegionName ?? []).sort();
}

async function someAtOnce<T>(ids: readonly string[], read: (id: string) => Promise<T>): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  const waiting = ids.values();
  const readOneByOne = async () => {
    for (const id of waiting) found.set(id, await read(id));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readOneByOne));
  return found;
}

interface Unreadable {
  readonly readable: false;
  readonly reason: string;
}

type Reading<T> = { readonly readable: true; readonly items: readonly T[] } | Unreadable;

async function orUnreadable<T>(reading: Promise<readonly T[]>): Promise<Reading<T>> {
  try {
    return { readable: true, items: await reading };
  } catch (error) {
    const code = error instanceof Error && error.cause instanceof Error ? error.cause.name : '';
    if (UNREADABLE.has(code)) return { readable: false, reason: code };
    throw error;
  }
}
