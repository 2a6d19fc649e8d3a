// From the source, Node runs our threads as they are; an import of `x.js` then means `x.ts`.
const SOURCES = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.endsWith('.js')) throw error;
      return next(specifier.replace(/\\.js$/, '.ts'), context);
    }
  },
});`;

/** The flags of Node for a thread of ours. Loaders and instrumentation of the host have no business in it. */
export const threadFlags = (file: URL): string[] => [
  ...process.execArgv.filter((flag) => flag.startsWith('--disable-warning') || flag === '--no-warnings'),
  ...(file.pathname.endsWith('.ts')
    ? ['--import', `data:text/javascript,${encodeURIComponent(SOURCES)}`]
    : []),
];
