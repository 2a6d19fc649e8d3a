interface NodeCrypto {
  hash(name: 'sha256', text: string, encoding: 'hex'): string;
}

const nodeCrypto = (
  globalThis as { process?: { getBuiltinModule?: (name: string) => NodeCrypto | undefined } }
).process?.getBuiltinModule?.('node:crypto');

/** The SHA-256 of a text in hexadecimal digits; a promise where the runtime has no synchronous hash. */
export const sha256 = (text: string): string | Promise<string> =>
  nodeCrypto === undefined ? digest(text) : nodeCrypto.hash('sha256', text, 'hex');

const digest = async (text: string): Promise<string> => {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
};
