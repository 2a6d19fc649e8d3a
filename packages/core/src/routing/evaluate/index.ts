// Whether a call did what it was for.
export { combineVerdicts, EVIDENCE_WEIGHTS } from './combine-verdicts.js';
export {
  type CallOutcome,
  type EvaluateReplyOptions,
  evaluateReply,
  type HostVerdict,
} from './evaluate-reply.js';
export type { Evidence, EvidenceSource, SuccessVerdict } from './evidence.js';
export type { EvaluatedReply } from './reply-evidence.js';
