import { ConfigError } from '@millrace/core/model';

/**
 * The base URL of a provider, without a slash at its end.
 *
 * @throws ConfigError when it is no URL of http or https.
 */
export const checkBaseUrl = (text: string, id: string): string => {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:'))
    return text.replace(/\/+$/, '');
  throw new ConfigError(
    `The base URL of "${id}" must begin with http:// or https://, not "${text.slice(0, 60)}".`,
    { key: 'baseUrl' },
  );
};
