import * as ec2 from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';

const mock = mockClient(ec2.EC2Client);

/** From here on every call answers with one empty page. */
export function reset(): void {
  mock.reset();
  mock.onAnyCommand().resolves({});
}

/** A command's class, whichever. */
export type CommandClass = typeof ec2.DescribeVpcsCommand;

/** Answers with one page after the other; the inputs are copied, because the SDK's paginator reuses one object. */
export function answer(command: unknown, pages: readonly object[]): object[] {
  const inputs: object[] = [];
  mock.on(command as CommandClass).callsFake((input: object) => {
    inputs.push({ ...input });
    const page = pages[inputs.length - 1];
    if (page === undefined) throw new Error('asked for a page too many');
    if (page instanceof Error) throw page;
    return page;
  });
  return inputs;
}

/** As the SDK gives it after its last try, with the blob EC2 appends to refusals. */
export function ec2Error(name: string): Error {
  return new ec2.EC2ServiceException({
    name,
    $fault: 'client',
    message: 'not  today\nEncoded authorization failure message: x',
    $metadata: {},
  });
}

/** Answers each call with `respond`. */
export function respondWith(command: unknown, respond: (input: Record<string, string>) => Promise<object>): void {
  mock.on(command as CommandClass).callsFake(respond);
}
