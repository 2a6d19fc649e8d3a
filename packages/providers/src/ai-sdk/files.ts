import type { SharedV4FileData } from '@ai-sdk/provider';
import type { FileData } from '@millrace/core/model';

/** Their file as ours: text becomes bytes. */
export const fileIn = (data: SharedV4FileData): FileData => {
  switch (data.type) {
    case 'data':
      return { type: 'data', data: data.data };
    case 'url':
      return { type: 'url', url: data.url.href };
    case 'reference':
      return { type: 'reference', reference: data.reference };
    case 'text':
      return { type: 'data', data: new TextEncoder().encode(data.text) };
  }
};

/** Their media type as ours: only the first half of it stands for all of its kind. */
export const mediaTypeIn = (mediaType: string): string =>
  mediaType.includes('/') ? mediaType : mediaType === 'text' ? 'text/plain' : `${mediaType}/*`;

/** Our file as theirs. */
export const fileOut = (data: FileData): Exclude<SharedV4FileData, { type: 'text' }> => {
  switch (data.type) {
    case 'data':
      return { type: 'data', data: data.data };
    case 'url':
      return { type: 'url', url: new URL(data.url) };
    case 'reference':
      return { type: 'reference', reference: { ...data.reference } };
  }
};
