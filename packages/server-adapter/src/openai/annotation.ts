import type { JsonObject, SourcePart } from '@millrace/core/model';

/** A source as OpenAI's `url_citation`. The place in the text is 0 where the vendor does not tell it. */
export const toAnnotation = (source: SourcePart): JsonObject => ({
  type: 'url_citation',
  url_citation: { url: source.url, title: source.title ?? source.url, start_index: 0, end_index: 0 },
});
