import {
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  GetResourceConfigHistoryCommand,
  ListDiscoveredResourcesCommand,
} from '@aws-sdk/client-config-service';
import { deniedOr, type RecallClient } from './cloudtrail-adapter.ts';
import type { StateHistory } from './recall-states.ts';

/** The largest there may be: https://docs.aws.amazon.com/config/latest/APIReference/API_GetResourceConfigHistory.html */
const PAGE_SIZE = 100;

export function createConfigClient({ region, profile, credentials }: RecallClient = {}): ConfigServiceClient {
  const place = { ...(region && { region }), ...(profile && { profile }), ...(credentials && { credentials }) };
  return new ConfigServiceClient({ ...place, retryMode: 'adaptive', maxAttempts: 10 });
}

export function configStates(client: ConfigServiceClient): StateHistory {
  return {
    async recorder(abortSignal) {
      const command = new DescribeConfigurationRecorderStatusCommand({});
      const { ConfigurationRecordersStatus = [] } = await client.send(command, { abortSignal }).catch(deniedOr);
      return ConfigurationRecordersStatus.find((one) => one.recording && one.lastStatus !== 'Failure');
    },
    async ids(resourceType, nextToken, abortSignal) {
      const command = new ListDiscoveredResourcesCommand({
        resourceType,
        includeDeletedResources: true,
        limit: PAGE_SIZE,
        nextToken,
      });
      const { resourceIdentifiers = [], nextToken: next } = await client.send(command, { abortSignal }).catch(deniedOr);
      return { ids: resourceIdentifiers.flatMap(({ resourceId }) => resourceId ?? []), nextToken: next };
    },
    async states(resourceType, resourceId, from, nextToken, abortSignal) {
      const command = new GetResourceConfigHistoryCommand({
        resourceType,
        resourceId,
        earlierTime: new Date(from * 1000),
        limit: PAGE_SIZE,
        nextToken,
      });
      const answer = await client.send(command, { abortSignal }).catch(unlessUnknown);
      return answer && { items: answer.configurationItems ?? [], nextToken: answer.nextToken };
    },
  };
}

function unlessUnknown(error: unknown): undefined {
  if (error instanceof Error && error.name === 'ResourceNotDiscoveredException') return undefined;
  return deniedOr(error);
}
