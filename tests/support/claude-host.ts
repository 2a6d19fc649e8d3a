import { claudeCli } from '@millrace/providers/claude-cli';

// A host that ends in the middle of an answer, without a word to anyone.
const [command, baseUrl = '', apiKey = '', home = '', mark = ''] = process.argv.slice(2);
const provider = claudeCli({ command, baseUrl, env: { HOME: home, MARK: mark } });
const request = {
  model: 'opus',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'A long story' }] }],
} as const;
const { signal } = new AbortController();
for await (const event of provider.stream(request, {
  credential: { apiKey },
  signal,
  delivery: 'incremental',
})) {
  if (event.type !== 'text-delta') continue;
  console.log('answering');
  process.exit(0);
}
