import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../tokens/index.js';
import { textBound } from './token-bound.js';

const hashes = Array.from({ length: 60 }, (_, number) => createHash('sha256').update(`${number}`));
const hash = (encoding: 'hex' | 'base64'): string =>
  hashes.map((one) => one.copy().digest(encoding)).join(encoding === 'hex' ? '\n' : '');

const TEXTS: Readonly<Record<string, string>> = {
  'English prose': 'A call is let through when the budget has room for the most that it may cost. '.repeat(
    20,
  ),
  'German prose': 'Ein Aufruf wird durchgelassen, wenn das Budget Platz für das Teuerste hat. '.repeat(20),
  'source code':
    'function take(a,b){return b&&a?b[a]||(b[a]={}):null}\n  if (next !== undefined) await next();\n'.repeat(
      20,
    ),
  JSON: JSON.stringify(
    Array.from({ length: 80 }, (_, id) => ({ id, tags: ['a', 'b'], at: id / 7, end: null })),
  ),
  numbers: Array.from({ length: 300 }, (_, number) => (number * 7919) ** 2 / 13).join(','),
  hashes: hash('hex'),
  'encoded bytes': hash('base64'),
  Greek: 'Μια κλήση περνά όταν ο προϋπολογισμός έχει χώρο για το ακριβότερο. '.repeat(20),
  Russian: 'Вызов пропускается, когда в бюджете есть место для самого дорогого. '.repeat(20),
  Hebrew: 'קריאה מותרת כאשר יש בתקציב מקום ליקר ביותר. '.repeat(20),
  Arabic: 'يسمح بالاتصال عندما تكون في الميزانية مساحة لأغلى ما قد يكلفه. '.repeat(20),
  Hindi: 'जब बजट में सबसे महंगी लागत के लिए जगह हो तब कॉल की अनुमति है। '.repeat(20),
  Thai: 'การเรียกจะผ่านได้เมื่อมีงบประมาณเหลือพอสำหรับค่าใช้จ่ายสูงสุด '.repeat(20),
  Burmese: 'ဘတ်ဂျက်တွင် နေရာရှိသောအခါ ခေါ်ဆိုမှုကို ခွင့်ပြုသည်။ '.repeat(20),
  Amharic: 'በጀቱ ቦታ ሲኖረው ጥሪው ይፈቀዳል። '.repeat(20),
  Chinese: '当预算足够支付最高费用时，调用才会被放行。'.repeat(20),
  Japanese: '予算に最大の費用の余裕があるとき、呼び出しは通される。'.repeat(20),
  Korean: '예산에 가장 비싼 비용을 위한 여유가 있을 때 호출이 허용된다. '.repeat(20),
  emoji: '😀🚀🎉👩‍👩‍👧‍👦🇨🇭 '.repeat(60),
};

describe('the bound of a text is not below what tokenizers count, for', () => {
  test.each(Object.entries(TEXTS))('%s', async (_, text) => {
    for (const model of ['gpt-4o', 'gpt-4']) {
      const { count } = await loadTokenizer(model);
      expect(textBound(text)).toBeGreaterThanOrEqual(count(text));
    }
  });

  const folder = join(import.meta.dirname, '../../../../../shared/data/transcripts');
  test.skipIf(!existsSync(folder))('recorded conversations (skipped without ../shared/data)', async () => {
    const { count } = await loadTokenizer('gpt-4o');
    for (const file of readdirSync(folder)) {
      const text = readFileSync(join(folder, file), 'utf8').slice(0, 200_000);
      expect(textBound(text), file).toBeGreaterThanOrEqual(count(text) * 1.25);
      expect(textBound(text), file).toBeLessThanOrEqual(count(text) * 3);
    }
  });
});

test('the bound of plain prose is less than twice the truth', async () => {
  const { count } = await loadTokenizer('gpt-4o');
  const text = TEXTS['English prose'] ?? '';
  expect(textBound(text)).toBeLessThan(count(text) * 2);
});
