import type { EC2Client } from '@aws-sdk/client-ec2';
import type { FoundInterface, FinderPorts } from './find-interfaces.ts';

/** Largest `MaxResults`: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html */
const PAGE_SIZE = 1000;

/**
 * Describes interfaces by their ids. EC2 leaves out those that do not exist, since they are asked for by a filter. Its
 * client, which is large, is loaded with the first question. It waits little: an answer that comes late is not missed.
 */
export function interfaceDescriber(): FinderPorts['describe'] {
  let client: EC2Client | undefined;
  return async (interfaceIds) => {
    const ec2 = await import('@aws-sdk/client-ec2');
    client ??= new ec2.EC2Client({ maxAttempts: 2, requestHandler: { connectionTimeout: 2000, requestTimeout: 5000 } });
    const pages = ec2.paginateDescribeNetworkInterfaces(
      { client, pageSize: PAGE_SIZE, stopOnSameToken: true },
      {
        Filters: [{ Name: 'network-interface-id', Values: [...interfaceIds] }],
        // Else an account can hide the interfaces that AWS services manage.
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedResourceVisibility.html
        IncludeManagedResources: true,
      },
    );
    const found: FoundInterface[] = [];
    for await (const { NetworkInterfaces = [] } of pages) found.push(...NetworkInterfaces.map((one) => ({ ...one })));
    return found;
  };
}
