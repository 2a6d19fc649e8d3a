/** A number for each group, as many as there are. */
export const grown = (numbers: Float64Array, size: number, initial: number): Float64Array => {
  if (numbers.length >= size) return numbers;
  const longer = new Float64Array(Math.max(size, 2 * numbers.length)).fill(initial);
  longer.set(numbers);
  return longer;
};
