import {
  CloudTrailClient,
  CloudTrailServiceException,
  LookupEventsCommand,
  type Event,
  type LookupEventsCommandInput,
  type LookupEventsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { mockClient } from 'aws-sdk-client-mock';

const mock = mockClient(CloudTrailClient);

/** An event history as AWS keeps it: the most recent first, 50 a page, by one attribute, each event some minutes late. */
export class FakeCloudTrail {
  readonly events: Event[] = [];
  readonly asked: LookupEventsCommandInput[] = [];
  /** How long after a call its event is there, seconds. */
  late = 0;
  denied = false;
  readonly #now: () => number;

  /** @param now UNIX milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    mock.reset();
    mock
      .on(LookupEventsCommand)
      .callsFake((input: LookupEventsCommandInput) => Promise.resolve().then(() => this.#answer(input)));
  }

  /** @param raw an item of `Events` as the CLI prints it */
  add(raw: Readonly<Record<string, unknown>>, ...resources: string[]): void {
    const { EventId, EventName, EventTime, CloudTrailEvent } = raw as Record<string, string>;
    const Resources = resources.map((ResourceName) => ({ ResourceName }));
    this.events.push({ EventId, EventName, EventTime: new Date(EventTime!), CloudTrailEvent, Resources });
  }

  #answer(input: LookupEventsCommandInput): LookupEventsCommandOutput {
    this.asked.push(input);
    const $metadata = {};
    if (this.denied) {
      throw new CloudTrailServiceException({
        name: 'AccessDeniedException',
        $fault: 'client',
        message: 'no',
        $metadata,
      });
    }
    const { LookupAttributes = [], StartTime, EndTime, MaxResults = 50, NextToken = '0' } = input;
    if (LookupAttributes.length > 1 || MaxResults > 50 || StartTime! > EndTime!) throw new Error('refused');
    const oldest = this.#now() - 90 * 86_400_000;
    const found = this.events
      .filter(
        ({ EventTime }) => EventTime!.getTime() >= oldest && EventTime!.getTime() + 1000 * this.late <= this.#now(),
      )
      .filter(({ EventTime }) => EventTime! >= StartTime! && EventTime! <= EndTime!)
      .filter((event) => LookupAttributes.every((attribute) => isOf(event, attribute)))
      .sort((a, b) => b.EventTime!.getTime() - a.EventTime!.getTime());
    const from = Number(NextToken);
    const to = from + MaxResults;
    return { Events: found.slice(from, to), ...(to < found.length && { NextToken: String(to) }), $metadata };
  }
}

type Attribute = NonNullable<LookupEventsCommandInput['LookupAttributes']>[number];

function isOf({ EventName, Resources = [] }: Event, { AttributeKey, AttributeValue }: Attribute): boolean {
  if (AttributeKey === 'EventName') return EventName === AttributeValue;
  return AttributeKey === 'ResourceName' && Resources.some(({ ResourceName }) => ResourceName === AttributeValue);
}
