import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('keep-dead-letters', ['tablePrefix', 'dataBucket']);
