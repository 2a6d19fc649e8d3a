export { type KeychainMasterKeyOptions, keychainMasterKey } from './keychain-master-key.js';
