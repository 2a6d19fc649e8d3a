/** A guess at what a prompt is about and how hard it is, without any training. */
export interface Guess {
  readonly category: 'code' | 'mathematics' | 'choice' | 'text';
  /** 0 to 100. */
  readonly complexity: number;
}

const CODE =
  /```|\b(?:function|class|algorithm|code|program|implement|python|javascript|c\+\+|sql|html|bug)\b/i;
const MATHEMATICS =
  /\b(?:how many|how much|calculate|solve|equation|integral|probability|sum|value of|total)\b|[=^]|\d\s*[+*/-]\s*\d/i;
const HARD =
  /\b(?:prove|proof|derive|explain why|analyse|analyze|step by step|design|optimi[sz]e|refactor|evaluate|compare)\b/gi;

/** What a person would say at a glance. */
export const guess = (text: string): Guess => {
  const choice = (text.match(/^\(?[A-D][.):]/gm)?.length ?? 0) >= 3;
  const category = CODE.test(text)
    ? 'code'
    : choice
      ? 'choice'
      : MATHEMATICS.test(text)
        ? 'mathematics'
        : 'text';
  const length = Math.min(40, 5 * Math.log2(1 + text.length / 40));
  const numbers = Math.min(20, 2 * (text.match(/\d+/g)?.length ?? 0));
  const hard = Math.min(20, 10 * (text.match(HARD)?.length ?? 0));
  const kind = category === 'code' || category === 'mathematics' ? 20 : 0;
  return { category, complexity: length + numbers + hard + kind };
};
