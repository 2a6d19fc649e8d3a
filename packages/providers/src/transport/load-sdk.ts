import { MillraceError } from '@millrace/core/model';

/**
 * Load a vendor's SDK, an optional peer, when it is first needed.
 *
 * @throws MillraceError `MISSING_PACKAGE` with the command that installs it.
 */
export const loadSdk = async <Sdk>(name: string, load: () => Promise<Sdk>): Promise<Sdk> => {
  try {
    return await load();
  } catch (cause) {
    throw new MillraceError(
      'MISSING_PACKAGE',
      `The package "${name}" is needed for this provider. Run: npm install ${name}`,
      { cause },
    );
  }
};
