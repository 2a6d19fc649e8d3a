/** The index, or the one before where it would part the two halves of a character. */
export const wholeIndex = (text: string, index: number): number => {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
};
