import {
  ConfigServiceClient,
  ConfigServiceServiceException,
  DescribeConfigurationRecorderStatusCommand,
  GetResourceConfigHistoryCommand,
  ListDiscoveredResourcesCommand,
  type ConfigurationItem,
  type DescribeConfigurationRecorderStatusCommandOutput,
  type GetResourceConfigHistoryCommandInput,
  type GetResourceConfigHistoryCommandOutput,
  type ListDiscoveredResourcesCommandInput,
  type ListDiscoveredResourcesCommandOutput,
} from '@aws-sdk/client-config-service';
import { mockClient } from 'aws-sdk-client-mock';

const mock = mockClient(ConfigServiceClient);
const $metadata = {};

/** AWS Config as it answers: the latest state first, two a page here. */
export class FakeConfig {
  readonly items: ConfigurationItem[] = [];
  readonly asked: string[] = [];
  recordingSince: Date | undefined;
  denied = false;

  constructor() {
    mock.reset();
    mock.on(DescribeConfigurationRecorderStatusCommand).callsFake(() => this.#soon(() => this.#recorder()));
    mock
      .on(GetResourceConfigHistoryCommand)
      .callsFake((input: GetResourceConfigHistoryCommandInput) => this.#soon(() => this.#history(input)));
    mock
      .on(ListDiscoveredResourcesCommand)
      .callsFake((input: ListDiscoveredResourcesCommandInput) => this.#soon(() => this.#resources(input)));
  }

  #soon<T>(answer: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.denied) throw errorNamed('AccessDeniedException');
      return answer();
    });
  }

  #recorder(): DescribeConfigurationRecorderStatusCommandOutput {
    if (!this.recordingSince) return { ConfigurationRecordersStatus: [{ recording: false }], $metadata };
    return { ConfigurationRecordersStatus: [{ recording: true, lastStartTime: this.recordingSince }], $metadata };
  }

  #history(input: GetResourceConfigHistoryCommandInput): GetResourceConfigHistoryCommandOutput {
    const { resourceType, resourceId, earlierTime, nextToken = '0' } = input;
    this.asked.push(resourceId!);
    const all = this.items.filter((item) => item.resourceType === resourceType && item.resourceId === resourceId);
    if (all.length === 0) throw errorNamed('ResourceNotDiscoveredException');
    const found = all
      .filter(({ configurationItemCaptureTime }) => configurationItemCaptureTime! >= earlierTime!)
      .sort((a, b) => b.configurationItemCaptureTime!.getTime() - a.configurationItemCaptureTime!.getTime());
    const to = Number(nextToken) + 2;
    const configurationItems = found.slice(Number(nextToken), to);
    return { configurationItems, ...(to < found.length && { nextToken: String(to) }), $metadata };
  }

  #resources({
    resourceType,
    nextToken = '0',
  }: ListDiscoveredResourcesCommandInput): ListDiscoveredResourcesCommandOutput {
    const items = this.items.filter((item) => item.resourceType === resourceType);
    const ids = [...new Set(items.map(({ resourceId }) => resourceId!))];
    const to = Number(nextToken) + 2;
    const resourceIdentifiers = ids.slice(Number(nextToken), to).map((resourceId) => ({ resourceId }));
    return { resourceIdentifiers, ...(to < ids.length && { nextToken: String(to) }), $metadata };
  }
}

function errorNamed(name: string): Error {
  return new ConfigServiceServiceException({ name, $fault: 'client', message: name, $metadata });
}
