import { afterAll, beforeAll, describe } from '@jest/globals';
import { javaMissing, dynamoDbLocalOfWorker, type DynamoDbLocal } from './dynamodb-local.ts';

/** For the start of Java on a busy machine. */
const START_MILLISECONDS = 90_000;

/**
 * A `describe` with a DynamoDB Local that nobody else uses meanwhile and that is empty before, which `bed()` gives inside of its tests and hooks. Without Java its
 * tests are skipped, under a name that says why; with `CI` or `STALE_SG_REQUIRE_JAVA` set they fail.
 */
export function describeWithDynamoDb(name: string, tests: (bed: () => DynamoDbLocal) => void): void {
  let server: DynamoDbLocal | undefined;
  const bed = (): DynamoDbLocal => {
    if (!server) throw new Error('DynamoDB Local runs in tests and hooks only');
    return server;
  };
  if (javaMissing !== undefined) {
    describe.skip(`${name} [${javaMissing}]`, () => tests(bed));
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      server = await dynamoDbLocalOfWorker();
    }, START_MILLISECONDS);
    afterAll(() => server?.stop());
    tests(bed);
  });
}
