// Making prompts shorter, and whole again.

// The stages.
export { code } from './code.js';
export { type Compression, type CompressOptions, compress, type StageSaving } from './compress.js';
export type { CompressionStage, StageContext, StageName } from './compression-stage.js';
export { deduplicate } from './deduplicate.js';
// For stages of a host's own.
export {
  type Access,
  type Draft,
  type DraftMessage,
  type Mark,
  mapOpenText,
  mapSlots,
  type Piece,
  pieceText,
  type ReferenceKind,
  type Slot,
  slotText,
} from './draft.js';
export { expand } from './expand.js';
export type { Expansion, TextExpansion, TurnsExpansion } from './expansion.js';
export { normalise } from './normalise.js';
export { type CompressionPreset, presetStages } from './presets.js';
// Vendors' prompt caches.
export {
  type InputPrice,
  type PrefixBreak,
  type PrefixVerdict,
  worthBreakingPrefix,
} from './prompt-cache-cost.js';
export type { BlockNames } from './reference.js';
export { symbols } from './symbols.js';
export { type TrimOptions, trim } from './trim.js';
