import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { compact, tools } = wire(process.env);

/** Whatever the event: see `compactor-adapter.ts`. */
export const handler = observed(tools).handler((_, context) => compact(() => context.getRemainingTimeInMillis()));
