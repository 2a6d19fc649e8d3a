import type { JsonObject, JsonValue, ToolResultOutput } from '@millrace/core/model';

/** Items by which the model asks the caller to do something; each has an answer of its own type. */
const CLIENT_CALLS: ReadonlySet<string> = new Set([
  'apply_patch_call',
  'computer_call',
  'local_shell_call',
  'mcp_approval_request',
  'shell_call',
]);

/** Whether the caller has to answer an item of that type. */
export const isClientCall = (type: string): boolean => CLIENT_CALLS.has(type);

/** What a caller needs to know of such an item: what it says, without its ids. */
export const clientCallInput = (item: JsonObject): string => {
  const { id: _id, call_id: _call, type: _type, status: _status, ...rest } = item;
  return JSON.stringify(rest);
};

const textOf = (output: ToolResultOutput): string => {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? 'It was not allowed.';
    case 'content':
      return output.value
        .map((part) => (part.type === 'text' ? part.text : `[${part.mediaType}]`))
        .join('\n');
  }
};

/** The answer to an item that asked the caller to do something. */
export const clientCallOutput = (item: JsonObject, callId: string, output: ToolResultOutput): JsonObject => {
  const type = String(item['type']);
  if (type === 'mcp_approval_request') {
    const denied = output.type === 'execution-denied';
    return {
      type: 'mcp_approval_response',
      approval_request_id: item['id'] ?? callId,
      approve: !denied,
      ...(denied && output.reason !== undefined && { reason: output.reason }),
    };
  }
  const structured =
    output.type === 'json' && isJsonObject(output.value) ? output.value : { output: textOf(output) };
  return { type: `${type}_output`, call_id: callId, ...structured };
};

const isJsonObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
