import type { UserMessage } from '../../src/model/message.js';
import type { ModelRequest } from '../../src/model/model-request.js';

/** A message of the user. */
export const said = (text: string): UserMessage => ({ role: 'user', content: [{ type: 'text', text }] });

/** A request of one message. */
export const asking = (text: string): ModelRequest => ({ model: 'auto', messages: [said(text)] });
