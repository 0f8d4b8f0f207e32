import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { assumedRole } from '../../../shared/aws/assumed-role.ts';
import { dayOf, isoDay, startOfDay, dayFromIso, type Day } from '../../../shared/time.ts';
import type { AskedDays, S3Access } from './asked-days.ts';
import type { FoundFiles, LogFile, LogFileRef } from './log-files.ts';

const PREFIX = 'cwl:';
/**
 * AWS does not say whether the time of an event is its record's start, its end or later. It is near its end in any case: an hour before
 * the days that are asked for is looked at as well, and one behind.
 */
const MARGIN_SECONDS = 3600;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
const EVENTS_A_CALL = 10_000;
/** Calls a second are few for an account: the SDK waits longer each time it is refused. */
const ATTEMPTS = 12;

/** A day of a group, as a file of it is called. Names of groups have no blanks. */
const DAY_OF_GROUP = /^cwl:(\S+) (\d{4}-\d\d-\d\d)$/;

/**
 * Log groups of CloudWatch Logs, read by the calls of its API: a day of a group is a file, so that several are read at once. What is
 * held is one answer at a time, a megabyte at most.
 */
export class LogGroups {
  readonly #client: CloudWatchLogsClient;

  constructor({ profile, region, roleArn }: S3Access) {
    this.#client = new CloudWatchLogsClient({
      maxAttempts: ATTEMPTS,
      retryMode: 'adaptive',
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(roleArn !== undefined && { credentials: assumedRole({ roleArn, region }) }),
    });
  }

  /**
   * The days of a group, `cwl:GROUP`, that were asked for and that it keeps.
   *
   * @throws Error where there is no such group, or it holds none of them
   */
  async find(path: string, asked: AskedDays | undefined): Promise<FoundFiles> {
    const group = path.slice(PREFIX.length);
    const input = { logGroupNamePrefix: group };
    const { logGroups = [] } = await this.#client.send(new DescribeLogGroupsCommand(input));
    const found = logGroups.find(({ logGroupName }) => logGroupName === group);
    if (!found) throw new Error('no such log group in this account and region; give --region and --profile of its own');
    const today = dayOf(Date.now() / 1000);
    const created = dayOf((found.creationTime ?? 0) / 1000);
    const kept = found.retentionInDays === undefined ? -Infinity : today - found.retentionInDays;
    const first = Math.max(created, kept, (asked?.firstDay ?? -Infinity) - 1);
    const last = Math.min(today, (asked?.lastDay ?? Infinity) + 1);
    if (first > last) {
      throw new Error(
        `the log group keeps nothing of these days: it has those from ${isoDay(Math.max(created, kept))} on`,
      );
    }
    const days = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const size = Math.ceil((found.storedBytes ?? 0) / Math.max(1, today - Math.max(created, kept) + 1));
    return {
      files: days.map((day) => this.file({ name: `${path} ${isoDay(day)}`, size, isNamed: true })),
      notRead: [],
    };
  }

  /** A day that was found before. */
  file(ref: LogFileRef): LogFile {
    const [, group = '', day = ''] = DAY_OF_GROUP.exec(ref.name) ?? [];
    return {
      ...ref,
      chunks: () => this.#events(group, dayFromIso(day)!, ref.asked),
      withBuffer: () => Promise.reject(new Error('a log group has no bytes to look up')),
    };
  }

  /** In the form in which a subscription sends events: what they say is told in one place. */
  async *#events(group: string, day: Day, asked: AskedDays | undefined): AsyncGenerator<Uint8Array> {
    const from = Math.max(startOfDay(day), asked ? startOfDay(asked.firstDay) - MARGIN_SECONDS : -Infinity);
    const to = Math.min(startOfDay(day + 1), asked ? startOfDay(asked.lastDay + 1) + MARGIN_SECONDS : Infinity);
    const input = {
      logGroupName: group,
      startTime: from * 1000,
      // Both ends are inclusive.
      endTime: to * 1000 - 1,
      limit: EVENTS_A_CALL,
    };
    let nextToken: string | undefined;
    do {
      const command = new FilterLogEventsCommand({ ...input, nextToken });
      const page: FilterLogEventsCommandOutput = await this.#client.send(command);
      const logEvents = (page.events ?? []).map(({ message = '' }) => ({ message }));
      yield Buffer.from(JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: group, logEvents }));
      ({ nextToken } = page);
    } while (nextToken !== undefined);
  }
}
