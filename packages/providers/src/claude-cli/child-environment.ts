/** Of the host's environment the program sees these alone, so that it inherits no other vendor's keys. */
const INHERITED: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // Where its login is, when that is not in the home folder.
  'CLAUDE_CONFIG_DIR',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  // Windows starts hardly anything without these.
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
  'USERPROFILE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'CLAUDE_CODE_GIT_BASH_PATH',
]);

/** How the program has to behave when another one drives it. */
const DRIVEN: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  // Whoever drives it decides when to try again, and is told of every failure.
  CLAUDE_CODE_MAX_RETRIES: '0',
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
  // A conversation that is too long is an error, and is not shortened in silence.
  DISABLE_AUTO_COMPACT: '1',
  // Otherwise `@name` in a prompt reads that file of this machine and sends it along.
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_SKIP_PROMPT_HISTORY: '1',
};

/** What the environment of one run is made of. */
export interface ChildEnvironmentOptions {
  /** The host's environment. */
  readonly host: Readonly<Record<string, string | undefined>>;
  /** Where it puts its temporary files. */
  readonly temporaryFolder: string;
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** What the request asks for. */
  readonly request?: Readonly<Record<string, string>> | undefined;
  /** The caller's own; it goes before everything else. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

/** The whole environment of one run of the program. */
export const childEnvironment = (options: ChildEnvironmentOptions): Record<string, string> => {
  const { host, temporaryFolder, apiKey, baseUrl, request, extra } = options;
  const inherited = Object.entries(host).filter((entry): entry is [string, string] => {
    const name = entry[0].toUpperCase();
    return entry[1] !== undefined && (INHERITED.has(name) || name.startsWith('LC_'));
  });
  return {
    ...Object.fromEntries(inherited),
    TMPDIR: temporaryFolder,
    TEMP: temporaryFolder,
    TMP: temporaryFolder,
    CLAUDE_CODE_TMPDIR: temporaryFolder,
    ...DRIVEN,
    ...(apiKey !== undefined && { [keyVariable(apiKey)]: apiKey }),
    ...(baseUrl !== undefined && { ANTHROPIC_BASE_URL: baseUrl }),
    ...request,
    ...extra,
  };
};

/** A token of a subscription (`claude setup-token`) is no API key, and is told from one by how it begins. */
const keyVariable = (apiKey: string): string =>
  apiKey.startsWith('sk-ant-oat') ? 'CLAUDE_CODE_OAUTH_TOKEN' : 'ANTHROPIC_API_KEY';
