import { expect, test } from 'vitest';
import { openaiModelTraits } from './model-traits.js';
import { OPENAI_MODELS } from './models.js';

test.each(OPENAI_MODELS)('$id reasons in the list as it does by its family', ({ id, capabilities }) => {
  expect(openaiModelTraits(id)?.reasoning).toBe(capabilities?.reasoning);
});

test('a family that is not known has no traits, so that nothing is held back', () => {
  expect(openaiModelTraits('some-new-model')).toBeUndefined();
  expect(openaiModelTraits('gpt-5-chat-latest')?.reasoning).toBe(false);
});
