export { failureReason } from '../../shared/failure-reason.ts';
