import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { archive, tools } = wire(process.env);

/** CloudWatch Logs calls it with a batch of events of one log group, at least once; nobody waits for its answer. */
export const handler = observed(tools).handler((event) => archive(event));
