/**
 * Why a step of the night failed, out of its cause: the JSON in which Lambda says what was thrown, or Step Functions
 * what became of a query, behind the query's text; or else the cause itself.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html,
 * https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecutionStatus.html
 */
export function failureReason(cause: string): string {
  return /"(?:errorMessage|StateChangeReason)":\s*"((?:[^"\\]|\\.)*)"/.exec(cause)?.[1] ?? cause;
}
