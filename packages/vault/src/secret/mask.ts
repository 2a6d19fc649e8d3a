const SHOWN_END = 4;
/** A key shorter than this shows nothing of itself. */
const SHORTEST_SHOWN = 16;
/** Well-known beginnings that tell the vendor and say nothing of the key. */
const PREFIX = /^(?:sk-ant-|sk-proj-|sk-or-|sk-svcacct-|sk-|gsk_|xai-|AIza|csk-|fw_|pplx-|hf_|r8_|key-)/;

/** A key for display, such as `sk-ant-****Q9A3`. A short one is all stars. */
export const maskKey = (key: string): string => {
  if (key.length < SHORTEST_SHOWN) return '****';
  return `${PREFIX.exec(key)?.[0] ?? ''}****${key.slice(-SHOWN_END)}`;
};
