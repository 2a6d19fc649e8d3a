/** What one model accepts on generateContent. */
export interface GoogleTraits {
  /** How it is told to think: not at all, by a budget of tokens, or by a level. */
  readonly thinking: 'none' | 'budget' | 'level';
  /** The least that it thinks, where it cannot be switched off: a budget or a level. */
  readonly least: number | string;
  readonly mostBudget: number;
  /** Takes instructions apart from the conversation. */
  readonly system: boolean;
  /** Checks signatures on calls, takes files in results of tools, and a schema beside tools. */
  readonly isThirdGeneration: boolean;
}

const base: GoogleTraits = {
  thinking: 'none',
  least: 0,
  mostBudget: 24_576,
  system: true,
  isThirdGeneration: false,
};
const third: GoogleTraits = { ...base, thinking: 'level', least: 'minimal', isThirdGeneration: true };

/** By the beginning of the id, the more precise first. Facts of Google's thinking guide, read 2026-11-20. */
const FAMILIES: readonly (readonly [RegExp, GoogleTraits])[] = [
  [/^gemma-/, { ...base, system: false }],
  [/^gemini-(?:1|2\.0)/, base],
  [/^gemini-2\.5-pro/, { ...base, thinking: 'budget', least: 128, mostBudget: 32_768 }],
  [/^gemini-2\.5/, { ...base, thinking: 'budget' }],
  [/^gemini-(?:4|[\d.]+-pro)/, { ...third, least: 'low' }],
  [/^gemini-/, third],
];

/** What is known of a model. */
export const googleTraits = (model: string): GoogleTraits =>
  FAMILIES.find(([shape]) => shape.test(model.replace(/^models\//, '')))?.[1] ?? base;
