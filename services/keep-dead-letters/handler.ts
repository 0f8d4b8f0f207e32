import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { keep, tools } = wire(process.env);

/** Lambda calls it with a message of the queue of dead letters, which it takes out of the queue when this has ended well. */
export const handler = observed(tools).handler((event) => keep(event));
